using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Floats to and from 16 bits, for the matrix units that take nothing longer. Bound by memory: four elements a turn, 16 bytes on the side of floats, 8 on the other.</summary>
internal static class RoundKernels
{
    /// <summary>y = x rounded to nearest, ties to even, two elements in each of y's integers, the first in its lower half. Beyond <paramref name="length"/> elements, up to a whole four, y becomes 0.</summary>
    internal static void Narrow<TFormat>(ArrayView<float> x, ArrayView<int> y, int length)
        where TFormat : struct, IShortFormat
    {
        var (first, step) = (Grid.GlobalIndex.X, Grid.DimX * Group.DimX);
        var (x4, y2) = (x.Cast<Float4>(), y.Cast<Int2>());
        var quads = length / Float4.Count;
        for (var i = first; i < quads; i += step)
        {
            var v = x4[i];
            y2[i] = new Int2(Pair<TFormat>(v.X, v.Y), Pair<TFormat>(v.Z, v.W));
        }

        var rest = quads * Float4.Count;
        if (first == 0 && rest < length)
        {
            var b = rest + 1 < length ? x[rest + 1] : 0f;
            var c = rest + 2 < length ? x[rest + 2] : 0f;
            y2[quads] = new Int2(Pair<TFormat>(x[rest], b), Pair<TFormat>(c, 0f));
        }
    }

    /// <summary>y = x, which lies as <see cref="Narrow{TFormat}"/> leaves it.</summary>
    internal static void Widen<TFormat>(ArrayView<int> x, ArrayView<float> y, int length)
        where TFormat : struct, IShortFormat
    {
        var (first, step) = (Grid.GlobalIndex.X, Grid.DimX * Group.DimX);
        var (x2, y4) = (x.Cast<Int2>(), y.Cast<Float4>());
        var quads = length / Float4.Count;
        for (var i = first; i < quads; i += step)
        {
            var v = x2[i];
            y4[i] = new Float4(Lower<TFormat>(v.X), Upper<TFormat>(v.X), Lower<TFormat>(v.Y), Upper<TFormat>(v.Y));
        }

        for (var i = quads * Float4.Count + first; i < length; i += step)
        {
            var pair = x[i / 2];
            y[i] = i % 2 == 0 ? Lower<TFormat>(pair) : Upper<TFormat>(pair);
        }
    }

    private static int Pair<TFormat>(float lower, float upper)
        where TFormat : struct, IShortFormat => TFormat.Narrow(lower) | (TFormat.Narrow(upper) << 16);

    private static float Lower<TFormat>(int pair)
        where TFormat : struct, IShortFormat => TFormat.Widen(pair & 0xFFFF);

    private static float Upper<TFormat>(int pair)
        where TFormat : struct, IShortFormat => TFormat.Widen((pair >> 16) & 0xFFFF);
}
