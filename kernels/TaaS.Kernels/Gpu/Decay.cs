using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>eˣ of numbers that are never positive, such as what lies below a maximum: half the work of <see cref="GpuMath.Exp"/>.</summary>
internal static class Decay
{
    /// <summary>eˣ for x ≤ 0, 0 where it would be denormal, NaN of NaN. <b>Source</b>: the polynomial of Cephes expf (Moshier 1992).</summary>
    internal static float Exp(float x)
    {
        // Adding 1.5 · 2²³ rounds to a whole number, and leaves it in the lowest bits.
        const float rounding = 12582912f;
        var shifted = x * 1.44269504f + rounding;
        var n = shifted - rounding;
        var r = x - n * 0.693359375f;
        r -= n * -2.12194440e-4f;
        var p = 1.9875691500e-4f * r + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        p = p * (r * r) + r + 1f;
        var power = Interop.IntAsFloat((Interop.FloatAsInt(shifted) << 23) + 0x3F800000u);
        return x < -87f ? 0f : p * power;
    }
}
