using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuPoolingConformance() : PoolingConformance(CpuDevice.Instance);

public abstract class PoolingConformance(Device device) : KernelConformance(device)
{
    [Fact]
    public void Max_BothWays_MatchesReference() => ForSeeds(200, random =>
    {
        var (xs, ys, g) = Draw(random);
        var (x, y, at) = (Pair(random, xs, random.Next(2) * 0.05), Output(ys), Output(ys, DType.Int32));
        Reference.Pooling.MaxForward(x.Reference, y.Reference, at.Reference, g);
        Device.Pooling.MaxForward(x.Device, y.Device, at.Device, g);
        AssertClose(y, 0);
        AssertSame(at);
        var (dy, dx) = (Pair(random, ys), Output(xs));
        Reference.Pooling.MaxBackward(dy.Reference, at.Reference, dx.Reference, g);
        Device.Pooling.MaxBackward(dy.Device, at.Device, dx.Device, g);
        AssertClose(dx, Exact);
    });

    [Fact]
    public void BiasReluMax_BothWays_MatchesReference() => ForSeeds(200, random =>
    {
        var (xs, ys, g) = Draw(random);
        var bias = Pair(random, new Shape(xs[1]));
        var (x, y, at) = (Pair(random, xs, random.Next(2) * 0.05), Output(ys), Output(ys, DType.Int32));
        Reference.Pooling.BiasReluMaxForward(x.Reference, bias.Reference, y.Reference, at.Reference, g);
        Device.Pooling.BiasReluMaxForward(x.Device, bias.Device, y.Device, at.Device, g);
        AssertClose(y, 0);
        AssertSame(at);
        var (dy, dx, dbias) = (Pair(random, ys), Output(xs), Output(new Shape(xs[1])));
        Reference.Pooling.BiasReluMaxBackward(dy.Reference, at.Reference, dx.Reference, dbias.Reference, g);
        Device.Pooling.BiasReluMaxBackward(dy.Device, at.Device, dx.Device, dbias.Device, g);
        AssertClose(dx, Exact);
        AssertClose(dbias, Accumulated);
    });

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Average_BothWays_MatchesReference(bool countPadding) => ForSeeds(150, random =>
    {
        var (xs, ys, g) = Draw(random);
        var (x, y) = (Pair(random, xs), Output(ys));
        Reference.Pooling.AverageForward(x.Reference, y.Reference, g, countPadding);
        Device.Pooling.AverageForward(x.Device, y.Device, g, countPadding);
        AssertClose(y, Exact);
        var (dy, dx) = (Pair(random, ys), Output(xs));
        Reference.Pooling.AverageBackward(dy.Reference, dx.Reference, g, countPadding);
        Device.Pooling.AverageBackward(dy.Device, dx.Device, g, countPadding);
        AssertClose(dx, Exact);
    });

    private static (Shape X, Shape Y, Pool2dGeometry Geometry) Draw(Random random)
    {
        while (true)
        {
            // Half of the cases are the 2x2 window with stride 2 that nets use most.
            int h = random.Next(1, 5), w = random.Next(1, 5);
            var g = random.Next(2) == 0 ? new Pool2dGeometry(2, 2, 2, 2) : new Pool2dGeometry(h, w, random.Next(1, 4), random.Next(1, 4), random.Next(h / 2 + 1), random.Next(w / 2 + 1));
            var x = new Shape(random.Next(1, 4), random.Next(1, 5), random.Next(1, 30), random.Next(1, 40));
            if (x[2] + 2 * g.PadH >= g.WindowH && x[3] + 2 * g.PadW >= g.WindowW)
            {
                return (x, new Shape(x[0], x[1], g.OutputH(x[2]), g.OutputW(x[3])), g);
            }
        }
    }
}
