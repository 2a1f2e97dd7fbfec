using System.Numerics;
using System.Runtime.CompilerServices;

namespace TaaS.Kernels.Cpu;

/// <summary>One row of an element-wise operation: contiguous, broadcast or with any stride.</summary>
internal static unsafe class MapLoop<TOperator>
    where TOperator : struct, IMapOperator
{
    // Rows with gaps go through copies of this many elements, which stay in the first cache.
    private const int Block = 512;

    /// <summary>y[i·sy] = op(a[i·sa], b[i·sb]) for i below <paramref name="count"/>; inputs the operator does not read may be null.</summary>
    /// <remarks><paramref name="stream"/> writes past the caches: for results too large to be still cached when they are read.</remarks>
    public static void Row(in TOperator op, float* y, long sy, float* a, long sa, float* b, long sb, long count, bool stream)
    {
        if (sy == 1 && sa == 1 && (TOperator.Inputs < 2 || sb == 1))
        {
            if (stream)
            {
                Stream(op, y, a, b, count);
            }
            else
            {
                Contiguous(op, y, a, b, count);
            }

            return;
        }

        Staged(op, y, sy, a, sa, b, sb, count);
    }

    [SkipLocalsInit]
    private static void Staged(in TOperator op, float* y, long sy, float* a, long sa, float* b, long sb, long count)
    {
        var stage = stackalloc float[3 * Block];
        for (long start = 0; start < count; start += Block)
        {
            var length = (int)Math.Min(Block, count - start);
            var first = Gather(a, sa, stage, start, length);
            var second = TOperator.Inputs > 1 ? Gather(b, sb, stage + Block, start, length) : null;
            var target = sy == 1 ? y + start : stage + 2 * Block;
            Contiguous(op, target, first, second, length);
            for (var i = 0; sy != 1 && i < length; i++)
            {
                y[(start + i) * sy] = target[i];
            }
        }
    }

    private static float* Gather(float* source, long stride, float* stage, long start, int length)
    {
        if (stride == 1)
        {
            return source + start;
        }

        if (stride == 0)
        {
            // The first block is the longest, so later ones find the number already there.
            if (start == 0)
            {
                new Span<float>(stage, length).Fill(*source);
            }

            return stage;
        }

        for (var i = 0; i < length; i++)
        {
            stage[i] = source[(start + i) * stride];
        }

        return stage;
    }

    private static void Contiguous(in TOperator op, float* y, float* a, float* b, long count)
    {
        var width = Vector<float>.Count;
        long i = 0;
        if (TOperator.Grain >= MapGrain.Light)
        {
            for (; i <= count - 4 * width; i += 4 * width)
            {
                var first = Apply(op, a, b, i);
                var second = Apply(op, a, b, i + width);
                var third = Apply(op, a, b, i + 2 * width);
                var fourth = Apply(op, a, b, i + 3 * width);
                first.Store(y + i);
                second.Store(y + i + width);
                third.Store(y + i + 2 * width);
                fourth.Store(y + i + 3 * width);
            }
        }

        for (; i <= count - width; i += width)
        {
            Apply(op, a, b, i).Store(y + i);
        }

        Partial(op, y, a, b, i, (int)(count - i));
    }

    private static void Stream(in TOperator op, float* y, float* a, float* b, long count)
    {
        var width = Vector<float>.Count;
        var misaligned = (int)((nuint)y / sizeof(float) % (nuint)width);
        long i = Math.Min(count, (width - misaligned) % width);
        Partial(op, y, a, b, 0, (int)i);
        for (; i <= count - 2 * width; i += 2 * width)
        {
            var first = Apply(op, a, b, i);
            var second = Apply(op, a, b, i + width);
            first.StoreAlignedNonTemporal(y + i);
            second.StoreAlignedNonTemporal(y + i + width);
        }

        Contiguous(op, y + i, a + i, TOperator.Inputs > 1 ? b + i : null, count - i);
    }

    private static void Partial(in TOperator op, float* y, float* a, float* b, long at, int count)
    {
        if (count > 0)
        {
            var first = SimdPartial.Load(a + at, count);
            var second = TOperator.Inputs > 1 ? SimdPartial.Load(b + at, count) : default;
            SimdPartial.Store(op.Apply(first, second), y + at, count);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Apply(in TOperator op, float* a, float* b, long at) => op.Apply(
        Vector.Load(a + at),
        TOperator.Inputs > 1 ? Vector.Load(b + at) : default);
}
