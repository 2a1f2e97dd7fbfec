using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Random numbers: a thread makes a whole block of four, so that no word is drawn twice and four elements are written at once.</summary>
internal static class DrawKernels
{
    /// <summary>
    /// Elements 4·i to 4·i + 3 of block offset + i; threads stride over the blocks by the whole grid.
    /// The first <paramref name="words"/> blocks lie at 16-byte addresses in x and y; the rest are written element by element.
    /// </summary>
    internal static void Draw<TDraw>(ArrayView<float> x, ArrayView<float> y, TDraw draw, ulong seed, ulong offset, int length, int words)
        where TDraw : unmanaged, IDraw
    {
        var (x4, y4) = (x.Cast<Float4>(), y.Cast<Float4>());
        for (var block = Grid.GlobalIndex.X; block <= (length - 1) / Float4.Count; block += Grid.DimX * Group.DimX)
        {
            var uniform = PhiloxWords.Of(seed, offset + (ulong)block).ToUnits();
            if (block < words)
            {
                y4[block] = draw.Apply(uniform, TDraw.Reads ? x4[block] : default);
                continue;
            }

            var first = block * Float4.Count;
            var result = draw.Apply(uniform, TDraw.Reads ? Some(x, first, length) : default);
            y[first] = result.X;
            if (first + 1 < length)
            {
                y[first + 1] = result.Y;
            }

            if (first + 2 < length)
            {
                y[first + 2] = result.Z;
            }

            if (first + 3 < length)
            {
                y[first + 3] = result.W;
            }
        }
    }

    /// <summary>Up to four elements, 0 beyond the end.</summary>
    private static Float4 Some(ArrayView<float> x, int first, int length) => new(
        x[first],
        first + 1 < length ? x[first + 1] : 0f,
        first + 2 < length ? x[first + 2] : 0f,
        first + 3 < length ? x[first + 3] : 0f);
}
