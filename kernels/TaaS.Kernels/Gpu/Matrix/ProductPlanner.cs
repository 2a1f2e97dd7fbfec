namespace TaaS.Kernels.Gpu;

/// <summary>How a product is carried out.</summary>
internal readonly record struct ProductPlan(ProductTile Tile, ProductGrid Grid);

/// <summary>
/// Chooses tile and number of parts by what the busiest multiprocessor would have to do, in cycles. Large tiles do more arithmetic for each access;
/// small ones, and sums cut into parts, spread a small result over the whole device.
/// </summary>
/// <param name="tiles">What there is to choose from.</param>
/// <param name="multiprocessors">Multiprocessors that share the groups.</param>
/// <param name="lanes">Multiply-adds that a multiprocessor does in a cycle.</param>
/// <param name="partsCycles">What the second launch costs that adds up parts.</param>
internal sealed class ProductPlanner(ProductTile[] tiles, int multiprocessors, int lanes, int partsCycles)
{
    // Terms that a group could have added up while it starts and while it writes its result.
    private const int FixedTerms = 16;

    // Panels below which a part is not worth its group.
    private const int LeastPartPanels = 16;

    // Threads of a multiprocessor that parts should reach together.
    private const int WantedThreads = 512;
    private const int MostGroupsWanted = 4;

    private const int MostParts = 256;

    /// <summary>The planner of a device's own tiles.</summary>
    internal static ProductPlanner Of(GpuDevice device) => device.GroupSize >= Tile<Tile128>.Threads
        ? new ProductPlanner(
            [
                new ProductTile<Tile128, Block8X8>(device, 1),
                new ProductTile<Tile64, Block8X8>(device, 0.85),
                new ProductTile<Tile32, Block4X4>(device, 0.5),
            ],
            device.Accelerator.NumMultiprocessors,
            lanes: 128,
            partsCycles: 6000)

        // The emulator has no speed to plan for; these numbers let small cases reach every way of cutting a product.
        : new ProductPlanner(
            [
                new ProductTile<EightThreads32X16, Block8X8>(device, 1),
                new ProductTile<EightThreads16X8, Block4X4>(device, 0.5),
            ],
            multiprocessors: 4,
            lanes: Tile<EightThreads16X8>.Threads,
            partsCycles: 0);

    internal ProductPlan Choose(int rows, int columns, int terms, int batches)
    {
        var (best, least) = (default(ProductPlan), double.MaxValue);
        foreach (var tile in tiles)
        {
            var whole = Cut(tile, rows, columns, terms, batches, 1);
            var wanted = multiprocessors * Math.Min(WantedThreads / tile.Threads, MostGroupsWanted);
            var parts = (int)Math.Min(Math.Min(wanted / whole.Groups, terms / (LeastPartPanels * tile.Depth)), MostParts);
            Consider(tile, whole, ref best, ref least);
            if (parts > 1)
            {
                Consider(tile, Cut(tile, rows, columns, terms, batches, parts), ref best, ref least);
            }
        }

        return best;
    }

    private static ProductGrid Cut(ProductTile tile, int rows, int columns, int terms, int batches, int parts)
    {
        var partTerms = RoundUp(Math.Max((terms + parts - 1) / parts, 1), tile.Depth);
        return new ProductGrid
        {
            RowTiles = (rows + tile.Rows - 1) / tile.Rows,
            ColumnTiles = (columns + tile.Columns - 1) / tile.Columns,
            Batches = batches,
            Parts = Math.Max((terms + partTerms - 1) / partTerms, 1),
            PartTerms = partTerms,
            Terms = terms,
        };
    }

    private void Consider(ProductTile tile, in ProductGrid grid, ref ProductPlan best, ref double least)
    {
        var busiest = (grid.Groups + multiprocessors - 1) / multiprocessors;
        var work = (double)tile.Rows * tile.Columns * (grid.PartTerms + FixedTerms) / tile.Efficiency;
        var cycles = work * Math.Max((double)busiest / lanes, 1.0 / Math.Min(tile.Threads, lanes)) + (grid.Parts > 1 ? partsCycles : 0);
        if (cycles < least)
        {
            (best, least) = (new ProductPlan(tile, grid), cycles);
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;
}
