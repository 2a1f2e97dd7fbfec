using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>eˣ of numbers that are never positive, such as what lies below a maximum: half the work of <see cref="GpuMath.Exp"/>.</summary>
internal static class Decay
{
    /// <summary>eˣ for x ≤ 0, 0 where it would be denormal, NaN of NaN.</summary>
    internal static float Exp(float x)
    {
        // Adding 1.5 · 2²³ rounds to a whole number, and leaves it in the lowest bits.
        const float rounding = 12582912f;
        var shifted = x * 1.44269504f + rounding;
        var n = shifted - rounding;
        var r = x - n * 0.693359375f;
        r -= n * -2.12194440e-4f;
        var power = Interop.IntAsFloat((Interop.FloatAsInt(shifted) << 23) + 0x3F800000u);
        return x < -87f ? 0f : GpuMath.ExpNearZero(r) * power;
    }
}
