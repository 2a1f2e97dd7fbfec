using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>A floating-point format of 16 bits.</summary>
internal interface IShortFormat
{
    /// <summary>The nearest number of the format, ties to even, as its bits.</summary>
    static abstract int Narrow(float x);

    /// <summary>The number that the bits mean; all of them are floats.</summary>
    static abstract float Widen(int bits);
}

/// <summary>bfloat16: a float without the lower half of its bits. NaN stays NaN, overflow is infinite.</summary>
internal readonly struct BFloat16Format : IShortFormat
{
    private const int QuietNaN = 0x7FC0;

    public static int Narrow(float x)
    {
        var bits = Interop.FloatAsInt(x);
        var rounded = (int)((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
        return float.IsNaN(x) ? QuietNaN : rounded;
    }

    public static float Widen(int bits) => Interop.IntAsFloat((uint)bits << 16);
}

/// <summary>IEEE 754 binary16. What is too large becomes the largest number, ±65504, so that one large gradient does not spoil a model; what is infinite or NaN already stays so.</summary>
internal readonly struct Float16Format : IShortFormat
{
    private const float Largest = 65504f;
    private const float SmallestNormal = 6.10351562e-5f;
    private const int QuietNaN = 0x7E00;
    private const int FractionBitsLost = 13;
    private const uint Infinity = 0x7F800000;
    private const uint HalfInfinity = 31u << 23;
    private const int ShortInfinity = 0x7C00;

    // The exponents' biases differ by 112.
    private const int BiasDifference = 112 << 10;
    private const float BiasPower = 5.19229686e33f;

    // In the binade of a half a float's last bit is worth as much as the last bit of a 16-bit number without exponent.
    private const float Half = 0.5f;

    public static int Narrow(float x)
    {
        if (float.IsNaN(x))
        {
            return QuietNaN;
        }

        var sign = (int)((Interop.FloatAsInt(x) >> 16) & 0x8000u);
        var magnitude = GpuMath.Abs(x);
        if (magnitude > float.MaxValue)
        {
            return ShortInfinity | sign;
        }

        magnitude = magnitude > Largest ? Largest : magnitude;
        var bits = Interop.FloatAsInt(magnitude);
        var normal = (int)((bits + 0xFFFu + ((bits >> FractionBitsLost) & 1u)) >> FractionBitsLost) - BiasDifference;
        var small = (int)(Interop.FloatAsInt(magnitude + Half) - Interop.FloatAsInt(Half));
        return (magnitude < SmallestNormal ? small : normal) | sign;
    }

    public static float Widen(int bits)
    {
        var magnitude = (uint)(bits & 0x7FFF) << FractionBitsLost;
        var scaled = Interop.IntAsFloat(magnitude) * BiasPower;
        var value = magnitude >= HalfInfinity ? Interop.IntAsFloat(magnitude | Infinity) : scaled;
        return (bits & 0x8000) != 0 ? -value : value;
    }
}
