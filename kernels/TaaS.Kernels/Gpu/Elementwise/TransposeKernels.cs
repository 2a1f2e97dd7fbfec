using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Copies that turn an axis over.</summary>
internal static class TransposeKernels
{
    // One more than a row of the largest tile, so that the elements of a column lie in different banks.
    private const int Pitch = 33;
    private const int MostElements = 32 * Pitch;

    /// <summary>
    /// A group takes a tile at a time through shared memory: neighbouring threads read along the input's rows and write along the output's.
    /// Bits, whatever they mean.
    /// </summary>
    internal static void Transpose<TTile>(ArrayView<int> x, ArrayView<int> y, TransposeLayout layout, int tiles)
        where TTile : struct, ITransposeTile
    {
        var tile = SharedMemory.Allocate<int>(MostElements);
        var (lane, row, rows) = (Group.IdxX % TTile.Edge, Group.IdxX / TTile.Edge, Group.DimX / TTile.Edge);
        for (var index = Grid.IdxX; index < tiles; index += Grid.DimX)
        {
            var rest = index / layout.TilesAcross;
            var across = (index - rest * layout.TilesAcross) * TTile.Edge;
            var batch = rest / layout.TilesDown;
            var down = (rest - batch * layout.TilesDown) * TTile.Edge;
            var (from, to) = (layout.Input(batch), layout.Output(batch));
            for (var i = row; i < TTile.Edge; i += rows)
            {
                if (across + i < layout.Across && down + lane < layout.Down)
                {
                    tile[i * Pitch + lane] = x[from + (across + i) * layout.InputAcross + down + lane];
                }
            }

            Group.Barrier();
            for (var i = row; i < TTile.Edge; i += rows)
            {
                if (down + i < layout.Down && across + lane < layout.Across)
                {
                    y[to + (down + i) * layout.OutputDown + across + lane] = tile[lane * Pitch + i];
                }
            }

            Group.Barrier();
        }
    }
}
