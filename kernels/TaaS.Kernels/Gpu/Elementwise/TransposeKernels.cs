using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Copies that turn an axis over.</summary>
internal static class TransposeKernels
{
    // One more than a row of the largest tile, so that the elements of a column lie in different banks.
    private const int Pitch = 33;
    private const int MostElements = 32 * Pitch;

    // Rows that a thread reads together; a tile has a whole multiple of as many for each of a group's rows of threads.
    private const int AtOnce = 4;

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
            var position = layout.Position(batch);

            // Four reads before the first is needed; what lies beyond the matrix is read from its last row instead, and not written.
            var last = Math.Min(TTile.Edge, layout.Across - across) - 1;
            if (down + lane < layout.Down)
            {
                var from = layout.Input(position) + across * layout.InputAcross + down + lane;
                for (var i = row; i < TTile.Edge; i += AtOnce * rows)
                {
                    var first = x[from + Math.Min(i, last) * layout.InputAcross];
                    var second = x[from + Math.Min(i + rows, last) * layout.InputAcross];
                    var third = x[from + Math.Min(i + 2 * rows, last) * layout.InputAcross];
                    var fourth = x[from + Math.Min(i + 3 * rows, last) * layout.InputAcross];
                    tile[i * Pitch + lane] = first;
                    tile[(i + rows) * Pitch + lane] = second;
                    tile[(i + 2 * rows) * Pitch + lane] = third;
                    tile[(i + 3 * rows) * Pitch + lane] = fourth;
                }
            }

            Group.Barrier();
            var exist = across + lane < layout.Across ? Math.Min(TTile.Edge, layout.Down - down) : 0;
            var to = layout.Output(position) + (down + row) * layout.OutputDown + across + lane;
            for (var i = row; i < exist; i += rows)
            {
                y[to] = tile[lane * Pitch + i];
                to += rows * layout.OutputDown;
            }

            Group.Barrier();
        }
    }
}
