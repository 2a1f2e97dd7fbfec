using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuReductionConformance() : ReductionConformance(CpuDevice.Instance);

public abstract class ReductionConformance(Device device) : KernelConformance(device)
{
    [Theory]
    [InlineData(ReduceOp.Sum)]
    [InlineData(ReduceOp.Mean)]
    [InlineData(ReduceOp.Max)]
    public void Reduce_AnyAxes_MatchesReference(ReduceOp op) => ForSeeds(200, random =>
    {
        var shape = RandomShape(random, most: 20);
        var x = StridedPair(random, shape, random.Next(2) * 0.02);
        var kept = shape.ToArray();
        for (var axis = 0; axis < kept.Length; axis++)
        {
            kept[axis] = random.Next(2) == 0 ? 1 : kept[axis];
        }

        var y = Output(new Shape(kept));
        Reference.Reduction.Reduce(op, x.Reference, y.Reference);
        Device.Reduction.Reduce(op, x.Device, y.Device);
        AssertClose(y, Accumulated);
    });

    [Theory]
    [InlineData(1, 9001, 0, 3)]
    [InlineData(3, 1, 9001, 0)]
    [InlineData(2, 1, 9004, 0)]
    [InlineData(1, 5, 2404, 4)]
    [InlineData(1, 2403, 1, 5)]
    public void Reduce_FewOutputsOverManyElements_MatchesReference(int kept, int first, int second, int keptBetween)
    {
        // Outputs too few to share among threads are cut, and the cuts put together again.
        var shape = new Shape(kept, first, Math.Max(keptBetween, 1), Math.Max(second, 1));
        foreach (var op in Enum.GetValues<ReduceOp>())
        {
            var x = Pair(new Random(kept + second), shape);
            var y = Output(new Shape(kept, 1, Math.Max(keptBetween, 1), 1));
            Change(x, value => op == ReduceOp.Max ? value : value + 0.1f);
            Reference.Reduction.Reduce(op, x.Reference, y.Reference);
            Device.Reduction.Reduce(op, x.Device, y.Device);
            AssertClose(y, Accumulated);
        }
    }

    [Fact]
    public void Sum_OfAMillionOnesAndTinies_LosesNothingThatMatters()
    {
        var shape = new Shape(IsSlow ? 100_003 : 1_000_003);
        var (x, y) = (Pair(new Random(2), shape), Output(new Shape(1)));
        Change(x, _ => 0.1f);

        Reference.Reduction.Reduce(ReduceOp.Sum, x.Reference, y.Reference);
        Device.Reduction.Reduce(ReduceOp.Sum, x.Device, y.Device);
        AssertClose(y, Accumulated);
    }

    [Fact]
    public void ArgMax_FirstOfEquals_NaNLargest_MatchesReference() => ForSeeds(200, random =>
    {
        var shape = RandomShape(random, leastRank: 1, most: 20);
        var axis = random.Next(shape.Rank);
        if (shape[axis] == 0)
        {
            return;
        }

        var x = StridedPair(random, shape, random.Next(3) * 0.1);
        if (random.Next(2) == 0)
        {
            Change(x, value => MathF.Round(value * 2));
        }

        var kept = shape.ToArray();
        kept[axis] = 1;
        var y = Output(new Shape(kept), DType.Int32);
        Reference.Reduction.ArgMax(x.Reference, axis, y.Reference);
        Device.Reduction.ArgMax(x.Device, axis, y.Device);
        AssertSame(y);
    });
}
