using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuConvolutionConformance() : ConvolutionConformance(CpuDevice.Instance);

public abstract class ConvolutionConformance(Device device) : KernelConformance(device)
{
    [Fact]
    public void Forward_AnyGeometry_MatchesReference() => ForSeeds(150, random =>
    {
        var c = Case.Draw(random);
        var (x, w, y) = (Pair(random, c.X), Pair(random, c.W), Output(c.Y));
        var bias = random.Next(2) == 0 ? Pair(random, new Shape(c.W[0])) : ((View Reference, View Device)?)null;
        var activation = (FusedActivation)random.Next(2);
        Reference.Convolution.Forward(x.Reference, w.Reference, bias?.Reference, y.Reference, c.Geometry, activation);
        Device.Convolution.Forward(x.Device, w.Device, bias?.Device, y.Device, c.Geometry, activation);
        AssertClose(y, Accumulated);
    });

    [Fact]
    public void BackwardData_AnyGeometry_MatchesReference() => ForSeeds(150, random =>
    {
        var c = Case.Draw(random);
        var (dx, w, dy) = (Output(c.X), Pair(random, c.W), Pair(random, c.Y));
        Reference.Convolution.BackwardData(dy.Reference, w.Reference, dx.Reference, c.Geometry);
        Device.Convolution.BackwardData(dy.Device, w.Device, dx.Device, c.Geometry);
        AssertClose(dx, Accumulated);
    });

    [Fact]
    public void BackwardFilter_AnyGeometry_MatchesReference() => ForSeeds(150, random =>
    {
        var c = Case.Draw(random);
        var (x, dw, dy) = (Pair(random, c.X), Output(c.W), Pair(random, c.Y));
        var dbias = random.Next(2) == 0 ? Output(new Shape(c.W[0])) : ((View Reference, View Device)?)null;
        Reference.Convolution.BackwardFilter(x.Reference, dy.Reference, dw.Reference, dbias?.Reference, c.Geometry);
        Device.Convolution.BackwardFilter(x.Device, dy.Device, dw.Device, dbias?.Device, c.Geometry);
        AssertClose(dw, Accumulated);
        if (dbias is { } shift)
        {
            AssertClose(shift, Accumulated);
        }
    });

    /// <summary>What implicit products have to see as a product at all: single channels, taps and pixels, strides beyond the filter, channels that stand alone, filters and pixels around whole tiles, few results of long sums.</summary>
    public static TheoryData<int[], int[], Conv2dGeometry> Corners => new()
    {
        { [2, 1, 9, 6], [2, 1, 1, 1], new(1, 2, DilationW: 2) },
        { [3, 5, 1, 1], [7, 5, 1, 1], new() },
        { [1, 3, 7, 8], [4, 3, 2, 2], new(3, 4, 1, 1) },
        { [2, 6, 5, 5], [6, 1, 3, 3], new(PadH: 1, PadW: 1, Groups: 6) },
        { [1, 16, 4, 4], [16, 8, 1, 1], new(Groups: 2) },
        { [3, 4, 3, 3], [33, 4, 3, 3], new() },
        { [4, 8, 4, 4], [17, 8, 3, 3], new(PadH: 1, PadW: 1) },
        { [1, 2, 3, 17], [31, 2, 3, 1], new() },
        { [1, 64, 4, 3], [3, 64, 3, 3], new() },
        { [40, 3, 6, 6], [9, 3, 5, 5], new(PadH: 2, PadW: 2) },
    };

    [Theory]
    [MemberData(nameof(Corners))]
    public void Corners_AllDirections_MatchReference(int[] x, int[] w, Conv2dGeometry geometry) =>
        AssertAllDirections(new Random(x[2]), new Shape(x), new Shape(w), geometry);

    /// <summary>The example's own layers, at a batch the reference can follow.</summary>
    [Theory]
    [InlineData(3, 1, 28, 32)]
    [InlineData(3, 32, 14, 64)]
    public void ExampleLayers_AllDirections_MatchReference(int images, int channels, int side, int filters)
    {
        images = IsSlow ? 1 : images;
        AssertAllDirections(new Random(side), new Shape(images, channels, side, side), new Shape(filters, channels, 5, 5), new Conv2dGeometry(PadH: 2, PadW: 2));
    }

    private void AssertAllDirections(Random random, Shape xs, Shape ws, Conv2dGeometry geometry)
    {
        var ys = new Shape(xs[0], ws[0], geometry.OutputH(xs[2], ws[2]), geometry.OutputW(xs[3], ws[3]));
        var (x, w, y) = (Pair(random, xs), Pair(random, ws), Output(ys));
        Reference.Convolution.Forward(x.Reference, w.Reference, null, y.Reference, geometry, FusedActivation.None);
        Device.Convolution.Forward(x.Device, w.Device, null, y.Device, geometry, FusedActivation.None);
        AssertClose(y, Accumulated);
        var (dx, dw, dbias, dy) = (Output(xs), Output(ws), Output(new Shape(ws[0])), Pair(random, ys));
        Reference.Convolution.BackwardData(dy.Reference, w.Reference, dx.Reference, geometry);
        Device.Convolution.BackwardData(dy.Device, w.Device, dx.Device, geometry);
        AssertClose(dx, Accumulated);
        Reference.Convolution.BackwardFilter(x.Reference, dy.Reference, dw.Reference, dbias.Reference, geometry);
        Device.Convolution.BackwardFilter(x.Device, dy.Device, dw.Device, dbias.Device, geometry);
        AssertClose(dw, Accumulated);
        AssertClose(dbias, Accumulated);
    }

    private sealed record Case(Shape X, Shape W, Shape Y, Conv2dGeometry Geometry)
    {
        public static Case Draw(Random random)
        {
            while (true)
            {
                var groups = random.Next(3) == 0 ? random.Next(2, 4) : 1;
                var g = new Conv2dGeometry(random.Next(1, 4), random.Next(1, 4), random.Next(4), random.Next(4), random.Next(1, 3), random.Next(1, 3), groups);
                var x = new Shape(random.Next(1, 4), groups * random.Next(1, 5), random.Next(1, 14), random.Next(1, 14));
                var w = new Shape(groups * random.Next(1, 9), x[1] / groups, random.Next(1, 6), random.Next(1, 6));
                if (x[2] + 2 * g.PadH > g.DilationH * (w[2] - 1) && x[3] + 2 * g.PadW > g.DilationW * (w[3] - 1))
                {
                    return new Case(x, w, new Shape(x[0], w[0], g.OutputH(x[2], w[2]), g.OutputW(x[3], w[3])), g);
                }
            }
        }
    }
}
