using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>How products are cut: a wrong cut leaves results unwritten, a bad one most of a device idle.</summary>
public sealed class ProductPlannerTests
{
    private const int Multiprocessors = 132;

    private static readonly ProductPlanner Planner = new(
        [
            new ProductTile<Tile128, Block8X8>(Emulator.Device, 1),
            new ProductTile<Tile64, Block8X8>(Emulator.Device, 0.85),
            new ProductTile<Tile32, Block4X4>(Emulator.Device, 0.5),
        ],
        Multiprocessors,
        lanes: 128,
        partsCycles: 6000);

    [Theory]
    [InlineData(4096, 4096, 4096)]
    [InlineData(8192, 2048, 1024)]
    public void Choose_LargeResult_LargeTilesInOnePart(int m, int n, int k)
    {
        var plan = Planner.Choose(m, n, k, 1);

        Assert.Equal((128, 1), (plan.Tile.Rows, plan.Grid.Parts));
    }

    [Theory]
    [InlineData(64, 800, 12544)]
    [InlineData(32, 25, 50176)]
    [InlineData(512, 10, 4096)]
    public void Choose_FewResultsOfLongSums_MakesGroupsForMostOfTheDevice(int m, int n, int k)
    {
        var plan = Planner.Choose(m, n, k, 1);

        Assert.True(plan.Grid.Parts > 1);
        Assert.InRange(plan.Grid.Groups, Multiprocessors / 2, Multiprocessors * 8);
    }

    [Fact]
    public void Choose_SmallProduct_IsNotWorthASecondLaunch() => Assert.Equal(1, Planner.Choose(64, 64, 256, 1).Grid.Parts);

    [Fact]
    public void Choose_AnySize_CoversEveryTermOfEveryTileOnce()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            int m = Size(random), n = Size(random), k = random.Next(10) == 0 ? 0 : Size(random) * 8, batches = random.Next(1, 4);
            var (tile, grid) = Planner.Choose(m, n, k, batches);
            var terms = new Dictionary<(int Batch, int Row, int Column), int>();
            for (var group = 0; group < grid.Groups; group++)
            {
                var place = grid.Place(group);
                Assert.InRange(place.RowTile, 0, (m - 1) / tile.Rows);
                Assert.InRange(place.ColumnTile, 0, (n - 1) / tile.Columns);
                Assert.Equal(0, place.FirstTerm % tile.Depth);
                Assert.Equal(place.Batch, place.Result % batches);
                var key = (place.Batch, place.RowTile, place.ColumnTile);
                terms[key] = terms.GetValueOrDefault(key) + place.EndTerm - place.FirstTerm;
            }

            Assert.Equal((m + tile.Rows - 1) / tile.Rows * ((n + tile.Columns - 1) / tile.Columns) * batches, terms.Count);
            Assert.All(terms.Values, sum => Assert.Equal(k, sum));
        }
    }

    private static int Size(Random random) => random.Next(3) == 0 ? random.Next(1, 2000) : random.Next(1, 200);
}
