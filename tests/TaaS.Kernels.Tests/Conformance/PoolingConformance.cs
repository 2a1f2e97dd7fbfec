using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuPoolingConformance() : PoolingConformance(CpuDevice.Instance);

public abstract class PoolingConformance(Device device) : KernelConformance(device)
{
    [Fact]
    public void Max_BothWays_MatchesReference() => ForSeeds(200, random => Max(random, Draw(random)));

    [Fact]
    public void BiasReluMax_BothWays_MatchesReference() => ForSeeds(200, random => BiasReluMax(random, Draw(random)));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Average_BothWays_MatchesReference(bool countPadding) => ForSeeds(150, random => Average(random, Draw(random), countPadding));

    [Theory]
    [InlineData(2, 3, 4, 8)]
    [InlineData(3, 1, 6, 12)]
    [InlineData(1, 3, 2, 4)]
    [InlineData(2, 2, 12, 20)]
    [InlineData(1, 2, 4, 6)]
    [InlineData(2, 3, 14, 14)]
    [InlineData(2, 1, 7, 8)]
    public void Halving_BothWays_MatchesReference(int n, int c, int h, int w)
    {
        var (random, x) = (new Random(1), new Shape(n, c, h, w));
        var g = new Pool2dGeometry(2, 2, 2, 2);
        var drawn = (x, new Shape(n, c, g.OutputH(h), g.OutputW(w)), g);
        Max(random, drawn);
        BiasReluMax(random, drawn);
        Average(random, drawn, countPadding: false);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Halving_InTheMiddleOfABuffer_MatchesReference(int offset)
    {
        var random = new Random(1);
        var (xs, ys, g) = (new Shape(1, 2, 4, 8), new Shape(1, 2, 2, 4), new Pool2dGeometry(2, 2, 2, 2));
        var ((x, dx), (y, dy)) = ((Pair(random, Beyond(xs)), Pair(random, Beyond(xs))), (Pair(random, Beyond(ys)), Pair(random, Beyond(ys))));
        var (at, bias, dbias) = (Output(Beyond(ys), DType.Int32), Pair(random, new Shape(2)), Output(new Shape(2)));
        Reference.Pooling.BiasReluMaxForward(Part(x.Reference, xs), bias.Reference, Part(y.Reference, ys), Part(at.Reference, ys), g);
        Device.Pooling.BiasReluMaxForward(Part(x.Device, xs), bias.Device, Part(y.Device, ys), Part(at.Device, ys), g);
        Reference.Pooling.BiasReluMaxBackward(Part(dy.Reference, ys), Part(at.Reference, ys), Part(dx.Reference, xs), dbias.Reference, g);
        Device.Pooling.BiasReluMaxBackward(Part(dy.Device, ys), Part(at.Device, ys), Part(dx.Device, xs), dbias.Device, g);
        AssertClose(y, 0);
        AssertSame(at);
        AssertClose(dx, Exact);
        AssertClose(dbias, Accumulated);

        Shape Beyond(Shape shape) => new((int)shape.Elements + offset);
        View Part(View view, Shape shape) => new(view.Buffer, shape, shape.ContiguousStrides, offset);
    }

    [Theory]
    [InlineData(9, 7)]
    [InlineData(5, 40)]
    public void WholeImage_BothWays_MatchesReference(int h, int w)
    {
        var drawn = (new Shape(2, 3, h, w), new Shape(2, 3, 1, 1), new Pool2dGeometry(h, w, 1, 1));
        Max(new Random(1), drawn);
        Average(new Random(1), drawn, countPadding: true);
    }

    [Fact]
    public void BiasReluMaxBackward_NoSamples_GivesZeroGradientOfTheBias()
    {
        var (nothing, dbias) = (new Shape(0, 3, 4, 4), Output(new Shape(3)));
        var (dy, at, dx) = (Output(new Shape(0, 3, 2, 2)), Output(new Shape(0, 3, 2, 2), DType.Int32), Output(nothing));
        Device.Pooling.BiasReluMaxBackward(dy.Device, at.Device, dx.Device, dbias.Device, new Pool2dGeometry(2, 2, 2, 2));
        Assert.Equal([0, 0, 0], Floats(dbias.Device.Buffer));
    }

    private void Max(Random random, (Shape X, Shape Y, Pool2dGeometry Geometry) drawn)
    {
        var (xs, ys, g) = drawn;
        var (x, y, at) = (Pair(random, xs, random.Next(2) * 0.05), Output(ys), Output(ys, DType.Int32));
        Reference.Pooling.MaxForward(x.Reference, y.Reference, at.Reference, g);
        Device.Pooling.MaxForward(x.Device, y.Device, at.Device, g);
        AssertClose(y, 0);
        AssertSame(at);
        var (dy, dx) = (Pair(random, ys), Output(xs));
        Reference.Pooling.MaxBackward(dy.Reference, at.Reference, dx.Reference, g);
        Device.Pooling.MaxBackward(dy.Device, at.Device, dx.Device, g);
        AssertClose(dx, Exact);
    }

    private void BiasReluMax(Random random, (Shape X, Shape Y, Pool2dGeometry Geometry) drawn)
    {
        var (xs, ys, g) = drawn;
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
    }

    private void Average(Random random, (Shape X, Shape Y, Pool2dGeometry Geometry) drawn, bool countPadding)
    {
        var (xs, ys, g) = drawn;
        var (x, y) = (Pair(random, xs), Output(ys));
        Reference.Pooling.AverageForward(x.Reference, y.Reference, g, countPadding);
        Device.Pooling.AverageForward(x.Device, y.Device, g, countPadding);
        AssertClose(y, Exact);
        var (dy, dx) = (Pair(random, ys), Output(xs));
        Reference.Pooling.AverageBackward(dy.Reference, dx.Reference, g, countPadding);
        Device.Pooling.AverageBackward(dy.Device, dx.Device, g, countPadding);
        AssertClose(dx, Exact);
    }

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
