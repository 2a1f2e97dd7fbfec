using System.Numerics;

namespace TaaS.Kernels.Cpu;

/// <summary>
/// Sums of contiguous floats: four vectors of single-precision partial sums over a block, blocks added in double precision.
/// The order depends on the count alone, so the bits do not depend on threads.
/// </summary>
internal static unsafe class SimdSum
{
    private const int Block = 1024;

    /// <summary>Σ x.</summary>
    public static double Of(float* x, long count)
    {
        double total = 0;
        for (; count > Block; count -= Block, x += Block)
        {
            total += SumBlock(x, Block);
        }

        return total + SumBlock(x, (int)count);
    }

    /// <summary>Σ (x − center).</summary>
    public static double OfDifferences(float* x, float center, long count)
    {
        double total = 0;
        for (; count > Block; count -= Block, x += Block)
        {
            total += DifferenceBlock(x, center, Block);
        }

        return total + DifferenceBlock(x, center, (int)count);
    }

    /// <summary>Σ a·b.</summary>
    public static double OfProducts(float* a, float* b, long count)
    {
        double total = 0;
        for (; count > Block; count -= Block, a += Block, b += Block)
        {
            total += ProductBlock(a, b, Block);
        }

        return total + ProductBlock(a, b, (int)count);
    }

    /// <summary>Σ (x − center)².</summary>
    public static double OfSquares(float* x, float center, long count)
    {
        double total = 0;
        for (; count > Block; count -= Block, x += Block)
        {
            total += SquareBlock(x, center, Block);
        }

        return total + SquareBlock(x, center, (int)count);
    }

    /// <summary>Σ a·(b − center).</summary>
    public static double OfCenteredProducts(float* a, float* b, float center, long count)
    {
        double total = 0;
        for (; count > Block; count -= Block, a += Block, b += Block)
        {
            total += CenteredBlock(a, b, center, Block);
        }

        return total + CenteredBlock(a, b, center, (int)count);
    }

    private static float SumBlock(float* x, int count)
    {
        var width = Vector<float>.Count;
        Vector<float> first = default, second = default, third = default, fourth = default;
        var i = 0;
        for (; i <= count - 4 * width; i += 4 * width)
        {
            first += Vector.Load(x + i);
            second += Vector.Load(x + i + width);
            third += Vector.Load(x + i + 2 * width);
            fourth += Vector.Load(x + i + 3 * width);
        }

        for (; i <= count - width; i += width)
        {
            first += Vector.Load(x + i);
        }

        second += SimdPartial.Load(x + i, count - i);
        return Vector.Sum(first + second + (third + fourth));
    }

    private static float DifferenceBlock(float* x, float center, int count)
    {
        var width = Vector<float>.Count;
        var middle = new Vector<float>(center);
        Vector<float> first = default, second = default;
        var i = 0;
        for (; i <= count - 2 * width; i += 2 * width)
        {
            first += Vector.Load(x + i) - middle;
            second += Vector.Load(x + i + width) - middle;
        }

        for (; i <= count - width; i += width)
        {
            first += Vector.Load(x + i) - middle;
        }

        second += SimdPartial.Load(x + i, count - i, center) - middle;
        return Vector.Sum(first + second);
    }

    private static float ProductBlock(float* a, float* b, int count)
    {
        var width = Vector<float>.Count;
        Vector<float> first = default, second = default;
        var i = 0;
        for (; i <= count - 2 * width; i += 2 * width)
        {
            first = Vector.FusedMultiplyAdd(Vector.Load(a + i), Vector.Load(b + i), first);
            second = Vector.FusedMultiplyAdd(Vector.Load(a + i + width), Vector.Load(b + i + width), second);
        }

        for (; i <= count - width; i += width)
        {
            first = Vector.FusedMultiplyAdd(Vector.Load(a + i), Vector.Load(b + i), first);
        }

        second = Vector.FusedMultiplyAdd(SimdPartial.Load(a + i, count - i), SimdPartial.Load(b + i, count - i), second);
        return Vector.Sum(first + second);
    }

    private static float SquareBlock(float* x, float center, int count)
    {
        var width = Vector<float>.Count;
        var middle = new Vector<float>(center);
        Vector<float> first = default, second = default;
        var i = 0;
        for (; i <= count - 2 * width; i += 2 * width)
        {
            var left = Vector.Load(x + i) - middle;
            var right = Vector.Load(x + i + width) - middle;
            first = Vector.FusedMultiplyAdd(left, left, first);
            second = Vector.FusedMultiplyAdd(right, right, second);
        }

        for (; i <= count - width; i += width)
        {
            var left = Vector.Load(x + i) - middle;
            first = Vector.FusedMultiplyAdd(left, left, first);
        }

        var rest = SimdPartial.Load(x + i, count - i, center) - middle;
        return Vector.Sum(first + Vector.FusedMultiplyAdd(rest, rest, second));
    }

    private static float CenteredBlock(float* a, float* b, float center, int count)
    {
        var width = Vector<float>.Count;
        var middle = new Vector<float>(center);
        Vector<float> first = default, second = default;
        var i = 0;
        for (; i <= count - 2 * width; i += 2 * width)
        {
            first = Vector.FusedMultiplyAdd(Vector.Load(a + i), Vector.Load(b + i) - middle, first);
            second = Vector.FusedMultiplyAdd(Vector.Load(a + i + width), Vector.Load(b + i + width) - middle, second);
        }

        for (; i <= count - width; i += width)
        {
            first = Vector.FusedMultiplyAdd(Vector.Load(a + i), Vector.Load(b + i) - middle, first);
        }

        var rest = SimdPartial.Load(b + i, count - i, center) - middle;
        return Vector.Sum(first + Vector.FusedMultiplyAdd(SimdPartial.Load(a + i, count - i), rest, second));
    }
}
