using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The loop of layer normalisation over columns.</summary>
internal static class LayerParameterKernels
{
    /// <summary>Neighbouring threads sum neighbouring columns, the group's lines of threads share a part of the rows. a, b: [rows, columns]; first, second: [parts, columns].</summary>
    internal static void Columns<TTerms>(ArrayView<float> a, ArrayView<float> b, ArrayView<float> mean, ArrayView<float> inverseStd, ArrayView<float> first, ArrayView<float> second, int rows, int columns, int splits, int chunk, int width)
        where TTerms : struct, ILayerTerms
    {
        var room = SharedMemory.Allocate<PairSum>(GpuDevice.PreferredGroupSize);
        int line = Group.IdxX / width, lines = Group.DimX / width;
        var tiles = (columns + width - 1) / width;
        for (var piece = Grid.IdxX; piece < tiles * splits; piece += Grid.DimX)
        {
            var split = piece / tiles;
            var column = (piece - split * tiles) * width + Group.IdxX % width;
            int start = split * chunk, rest = rows - start;
            var end = column < columns ? start + (chunk < rest ? chunk : rest) : 0;
            PairSum even = PairSum.Empty, odd = even;
            for (var row = start + line; row < end; row += lines * 2)
            {
                var one = TTerms.Of(a, b, mean, inverseStd, row, row * columns + column);
                var other = lines < end - row ? TTerms.Of(a, b, mean, inverseStd, row + lines, (row + lines) * columns + column) : PairSum.Empty;
                even = PairSum.Combine(even, one);
                odd = PairSum.Combine(odd, other);
            }

            var sums = GroupReduce.AcrossLines(PairSum.Combine(even, odd), room, width);
            if (line == 0 && column < columns)
            {
                first[split * columns + column] = sums.First;
                second[split * columns + column] = sums.Second;
            }
        }
    }
}
