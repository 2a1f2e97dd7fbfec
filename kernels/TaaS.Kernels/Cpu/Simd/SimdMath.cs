using System.Numerics;
using System.Runtime.CompilerServices;

namespace TaaS.Kernels.Cpu;

/// <summary>Functions of whole vectors of floats, within 1e-6 of the true value relatively; NaN gives NaN, infinities their limits.</summary>
internal static class SimdMath
{
    /// <summary>eˣ, from denormals to overflow. <b>Source</b>: Cephes expf (Moshier 1992): x = n·ln 2 + r, a polynomial in r, times 2ⁿ.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Exp(Vector<float> x)
    {
        var n = Vector.Round(x * new Vector<float>(1.44269504f));
        var r = Vector.FusedMultiplyAdd(n, new Vector<float>(-0.693359375f), x);
        r = Vector.FusedMultiplyAdd(n, new Vector<float>(2.12194440e-4f), r);
        var p = Vector.FusedMultiplyAdd(r, new Vector<float>(1.9875691500e-4f), new Vector<float>(1.3981999507e-3f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(8.3334519073e-3f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(4.1665795894e-2f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(1.6666665459e-1f));
        p = Vector.FusedMultiplyAdd(p, r, new Vector<float>(5.0000001201e-1f));
        p = Vector.FusedMultiplyAdd(p, r * r, r) + Vector<float>.One;

        // 2ⁿ in two halves, each an ordinary number, so that denormal results and those near overflow come out.
        var power = Vector.ConvertToInt32Native(n);
        var half = power >> 1;
        var bias = new Vector<int>(127);
        var y = p * Vector.AsVectorSingle((half + bias) << 23) * Vector.AsVectorSingle((power - half + bias) << 23);
        y = Vector.ConditionalSelect(Vector.GreaterThan(x, new Vector<float>(88.7228394f)), new Vector<float>(float.PositiveInfinity), y);
        return Vector.ConditionalSelect(Vector.LessThan(x, new Vector<float>(-104f)), Vector<float>.Zero, y);
    }

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Sigmoid(Vector<float> x) => Vector<float>.One / (Vector<float>.One + Exp(-x));

    /// <summary>Hyperbolic tangent. <b>Source</b>: Cephes tanhf: a polynomial near 0, 1 − 2/(e²ˣ + 1) elsewhere.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> Tanh(Vector<float> x)
    {
        var z = Vector.Abs(x);
        var large = Vector.CopySign(Vector<float>.One - new Vector<float>(2) / (Exp(z + z) + Vector<float>.One), x);
        var s = x * x;
        var p = Vector.FusedMultiplyAdd(s, new Vector<float>(-5.70498872745e-3f), new Vector<float>(2.06390887954e-2f));
        p = Vector.FusedMultiplyAdd(p, s, new Vector<float>(-5.37397155531e-2f));
        p = Vector.FusedMultiplyAdd(p, s, new Vector<float>(1.33314422036e-1f));
        p = Vector.FusedMultiplyAdd(p, s, new Vector<float>(-3.33332819422e-1f));
        return Vector.ConditionalSelect(Vector.LessThan(z, new Vector<float>(0.625f)), Vector.FusedMultiplyAdd(p * s, x, x), large);
    }

    /// <summary>Φ(x), the normal distribution, right in its far tail too; <paramref name="density"/> = e^(−x²/2), which it needs anyway.</summary>
    /// <remarks>Tail = e^(−z²)·erfcx(z)/2 with z = |x|/√2; erfcx(z)/t is a degree-9 Chebyshev fit in t = 1/(1 + 0.4·z), error 4e-8.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector<float> NormalCdf(Vector<float> x, out Vector<float> density)
    {
        // Beyond 20 the tail is 0 in single precision; NaN passes.
        var limit = new Vector<float>(20f);
        var a = Vector.Abs(x);
        a = Vector.ConditionalSelect(Vector.GreaterThan(a, limit), limit, a);

        // The rounding of a² counts in the exponent, so it is put back.
        var square = a * a;
        var lost = Vector.FusedMultiplyAdd(a, a, -square);
        density = Exp(square * new Vector<float>(-0.5f));
        density = Vector.FusedMultiplyAdd(density * lost, new Vector<float>(-0.5f), density);

        var t = Vector<float>.One / Vector.FusedMultiplyAdd(a, new Vector<float>(0.4f * 0.70710678f), Vector<float>.One);
        var p = Vector.FusedMultiplyAdd(t, new Vector<float>(-0.026702111586928368f), new Vector<float>(0.18156079947948456f));
        p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(-0.45836228132247925f));
        p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(0.4911813735961914f));
        p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(-0.23574595153331757f));
        p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(0.24507209658622742f));
        p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(0.13927359879016876f));
        p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(0.21282143890857697f));
        p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(0.22520725429058075f));
        p = Vector.FusedMultiplyAdd(p, t, new Vector<float>(0.22569377720355988f));
        var tail = p * t * density * new Vector<float>(0.5f);
        return Vector.ConditionalSelect(Vector.GreaterThan(x, Vector<float>.Zero), Vector<float>.One - tail, tail);
    }
}
