using System.Numerics;

namespace TaaS.Kernels.Cpu;

/// <summary>Exponentials of a row.</summary>
internal static unsafe class Exponentials
{
    // Summed in single precision before it goes into the double-precision sum.
    private const int Block = 1024;

    /// <summary>y = e^(x − center); gives Σ y.</summary>
    internal static double Store(float* x, float center, float* y, int length)
    {
        double total = 0;
        for (; length > Block; length -= Block, x += Block, y += Block)
        {
            total += StoreBlock(x, center, y, Block);
        }

        return total + StoreBlock(x, center, y, length);
    }

    /// <summary>x *= factor.</summary>
    internal static void Scale(float* x, float factor, int length)
    {
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            (Vector.Load(x + i) * factor).Store(x + i);
        }

        for (; i < length; i++)
        {
            x[i] *= factor;
        }
    }

    private static float StoreBlock(float* x, float center, float* y, int length)
    {
        var shift = new Vector<float>(center);
        Vector<float> sum = default;
        var i = 0;
        for (; i <= length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var value = SimdMath.Exp(Vector.Load(x + i) - shift);
            value.Store(y + i);
            sum += value;
        }

        var rest = length - i;
        if (rest > 0)
        {
            var value = SimdMath.Exp(SimdPartial.Load(x + i, rest, float.NegativeInfinity) - shift);
            SimdPartial.Store(value, y + i, rest);

            // Lanes past the end hold e^−inf = 0, unless the row itself is not finite.
            sum += value;
        }

        return Vector.Sum(sum);
    }
}
