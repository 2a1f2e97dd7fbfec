using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// Functions of floats for kernels, within some 1e-6 of the true value relatively; NaN gives NaN, infinities their limits.
/// Our own, not the device's approximations, so that what the emulator shows holds on every GPU. Sums of products are written plainly: the device's assembler fuses them.
/// </summary>
internal static class GpuMath
{
    // Adding and taking away 1.5 · 2²³ leaves a float rounded to a whole number.
    private const float Rounding = 12582912f;

    private const float Log2E = 1.44269504f;

    // ln 2 in two parts; the first has so few bits that its products with small whole numbers are exact.
    private const float Ln2High = 0.693359375f;
    private const float Ln2Low = -2.12194440e-4f;

    private const float HalfPi = 1.57079633f;

    private const int ExponentBias = 127;
    private const int MantissaBits = 23;

    /// <summary>The larger; NaN if either is.</summary>
    internal static float Max(float a, float b) => a > b | float.IsNaN(a) ? a : b;

    /// <summary>The smaller; NaN if either is.</summary>
    internal static float Min(float a, float b) => a < b | float.IsNaN(a) ? a : b;

    internal static float Abs(float x) => Interop.IntAsFloat(Interop.FloatAsInt(x) & 0x7FFFFFFFu);

    /// <summary>eˣ, from denormals to overflow. <b>Source</b>: Cephes expf (Moshier 1992): x = n·ln 2 + r, a polynomial in r, times 2ⁿ.</summary>
    internal static float Exp(float x)
    {
        // Beyond these the result is 0 or infinite; n must stay a small whole number.
        var inside = x > 89f ? 89f : x < -105f ? -105f : x;
        var n = inside * Log2E + Rounding - Rounding;
        var r = inside - n * Ln2High;
        r -= n * Ln2Low;
        var p = ExpNearZero(r);

        // 2ⁿ in two halves, each an ordinary number, so that denormal results and those near overflow come out.
        var power = (int)n;
        var half = power >> 1;
        return p * PowerOfTwo(half) * PowerOfTwo(power - half);
    }

    /// <summary>eˣ for |x| up to half of ln 2. <b>Source</b>: the polynomial of Cephes expf.</summary>
    internal static float ExpNearZero(float x)
    {
        var p = 1.9875691500e-4f * x + 1.3981999507e-3f;
        p = p * x + 8.3334519073e-3f;
        p = p * x + 4.1665795894e-2f;
        p = p * x + 1.6666665459e-1f;
        p = p * x + 5.0000001201e-1f;
        return p * (x * x) + x + 1f;
    }

    /// <summary>Natural logarithm; −inf at 0, NaN below. <b>Source</b>: Cephes logf: x = 2ᵉ·m with √½ ≤ m &lt; √2, a polynomial in m − 1.</summary>
    internal static float Log(float x)
    {
        // Denormals are scaled up, or they would have no exponent of their own.
        const float smallestNormal = 1.17549435e-38f;
        var denormal = x < smallestNormal;
        var bits = (int)Interop.FloatAsInt(denormal ? x * 8388608f : x);
        var e = (bits >> MantissaBits) - (denormal ? ExponentBias + MantissaBits : ExponentBias) + 1;
        var m = Interop.IntAsFloat((uint)((bits & 0x007FFFFF) | 0x3F000000));
        if (m < 0.707106781f)
        {
            e--;
            m += m;
        }

        m -= 1f;
        var square = m * m;
        var p = 7.0376836292e-2f * m - 1.1514610310e-1f;
        p = p * m + 1.1676998740e-1f;
        p = p * m - 1.2420140846e-1f;
        p = p * m + 1.4249322787e-1f;
        p = p * m - 1.6668057665e-1f;
        p = p * m + 2.0000714765e-1f;
        p = p * m - 2.4999993993e-1f;
        p = p * m + 3.3333331174e-1f;
        p = p * m * square;
        p += e * Ln2Low;
        p -= 0.5f * square;
        var y = m + p + e * Ln2High;
        return x > 0f ? (x <= float.MaxValue ? y : x) : x == 0f ? float.NegativeInfinity : float.NaN;
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    internal static float Sigmoid(float x) => 1f / (1f + Exp(-x));

    /// <summary>Hyperbolic tangent. <b>Source</b>: Cephes tanhf: a polynomial near 0, 1 − 2·e⁻²ˣ/(1 + e⁻²ˣ) elsewhere.</summary>
    internal static float Tanh(float x)
    {
        var z = Abs(x);
        if (z < 0.625f)
        {
            var s = x * x;
            var p = -5.70498872745e-3f * s + 2.06390887954e-2f;
            p = p * s - 5.37397155531e-2f;
            p = p * s + 1.33314422036e-1f;
            p = p * s - 3.33332819422e-1f;
            return p * s * x + x;
        }

        var decay = Decay.Exp(-2f * z);
        var large = 1f - 2f * decay / (1f + decay);
        return x < 0f ? -large : large;
    }

    /// <summary>Φ(x), the normal distribution, right in its far tail too.</summary>
    /// <remarks>Tail = e^(−z²)·erfcx(z)/2 with z = |x|/√2; erfcx(z)/t is a degree-9 Chebyshev fit in t = 1/(1 + 0.4·z), error 4e-8.</remarks>
    internal static float NormalCdf(float x, float density)
    {
        var a = Abs(x);
        a = a > 20f ? 20f : a;
        var t = 1f / (a * (0.4f * 0.70710678f) + 1f);
        var p = -0.026702111586928368f * t + 0.18156079947948456f;
        p = p * t - 0.45836228132247925f;
        p = p * t + 0.4911813735961914f;
        p = p * t - 0.23574595153331757f;
        p = p * t + 0.24507209658622742f;
        p = p * t + 0.13927359879016876f;
        p = p * t + 0.21282143890857697f;
        p = p * t + 0.22520725429058075f;
        p = p * t + 0.22569377720355988f;
        var tail = p * t * density * 0.5f;
        return x > 0f ? 1f - tail : tail;
    }

    /// <summary>e^(−x²/2), the shape of the normal density; 0 beyond ±13.19, where it would be denormal.</summary>
    internal static float NormalDensity(float x)
    {
        var a = Abs(x);
        a = a > 20f ? 20f : a;

        // The rounding of a² counts in the exponent: a = high + low, and high² is exact.
        var high = Interop.IntAsFloat(Interop.FloatAsInt(a) & 0xFFFFF000u);
        var low = a - high;
        var t = (a + high) * low * -0.5f;

        // e to the second part, which is above -0.06 where the first is not 0.
        return Decay.Exp(high * high * -0.5f) * (((0.166666667f * t + 0.5f) * t + 1f) * t + 1f);
    }

    /// <summary>a to the power b as C's pow: its special values too. Within 1e-7·(1 + |b·ln a|) relatively.</summary>
    internal static float Power(float a, float b)
    {
        if (b == 0f || a == 1f)
        {
            return 1f;
        }

        if (float.IsNaN(a) || float.IsNaN(b))
        {
            return float.NaN;
        }

        var magnitude = Abs(a);
        var result = magnitude == 1f ? 1f : Exp(b * Log(magnitude));
        if (!IsNegative(a))
        {
            return result;
        }

        var whole = IsWhole(b);
        if (!whole && a < 0f && a >= float.MinValue)
        {
            return float.NaN;
        }

        return whole && !IsWhole(b * 0.5f) ? -result : result;
    }

    /// <summary>Cosine and sine of 2π·x for x in [0, 1]; the quarter turn is found exactly. <b>Source</b>: Cephes sinf and cosf on [−π/4, π/4].</summary>
    internal static (float Cos, float Sin) CosSinOfTurns(float x)
    {
        var quarter = (int)(4f * x + 0.5f);
        var angle = (4f * x - quarter) * HalfPi;
        var square = angle * angle;
        var c = 2.443315711809948e-5f * square - 1.388731625493765e-3f;
        c = c * square + 4.166664568298827e-2f;
        c = c * (square * square) - 0.5f * square + 1f;
        var s = -1.9515295891e-4f * square + 8.3321608736e-3f;
        s = s * square - 1.6666654611e-1f;
        s = s * square * angle + angle;

        // Odd quarters swap the two; the sine is negative in quarters 2 and 3, the cosine in 1 and 2.
        var odd = (quarter & 1) != 0;
        var (cosine, sine) = (odd ? s : c, odd ? c : s);
        return (((quarter + 1) & 2) == 0 ? cosine : -cosine, (quarter & 2) == 0 ? sine : -sine);
    }

    private static bool IsNegative(float x) => (int)Interop.FloatAsInt(x) < 0;

    // From 2²³ on every float is whole.
    private static bool IsWhole(float x) => Abs(x) >= 8388608f || (int)x == x;

    private static float PowerOfTwo(int exponent) => Interop.IntAsFloat((uint)((exponent + ExponentBias) << MantissaBits));
}
