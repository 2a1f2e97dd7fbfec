using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>The same call gives the same bits, in whatever order threads come along: training runs can be repeated.</summary>
[Collection(Emulator.Name)]
public sealed class GpuRepeatabilityTests
{
    private static readonly GpuDevice Device = Emulator.Device;

    [Fact]
    public void Sums_AndSoftmax_AndNormalization_GiveTheSameBitsEveryTime()
    {
        Shape shape = new(2, 3, 30, 100), rows = new(60, 300), each = new(3);
        var (x, row) = (Random(shape, 1), Random(rows, 2));
        Assert.Single(Bits(new Shape(1, 3, 1, 1), y => Device.Reduction.Reduce(ReduceOp.Sum, x, y)));
        Assert.Single(Bits(new Shape(1, 300), y => Device.Reduction.Reduce(ReduceOp.Sum, row, y)));
        Assert.Single(Bits(rows, y => Device.Softmax.Softmax(row, y)));
        Assert.Single(Bits(each, saved => Device.Normalization.BatchForward(x, Random(each, 3), Random(each, 4), Random(each, 5), Random(each, 6), Random(shape, 7), saved, Random(each, 8), 0.1f, 1e-5f)));
        Assert.Single(Bits(new Shape(300), dgamma => Device.Normalization.LayerBackward(row, Random(new Shape(300), 9), Random(new Shape(60), 10), Random(new Shape(60), 11), row, Random(rows, 12), dgamma, Random(new Shape(300), 13))));
    }

    /// <summary>The results of some runs, each once.</summary>
    private static HashSet<string> Bits(Shape shape, Action<View> run) => [.. Enumerable.Range(0, 3).Select(_ =>
    {
        var y = new View(Device.Allocate(DType.Float32, shape.Elements), shape);
        run(y);
        var values = new float[shape.Elements];
        y.Download(values);
        return Convert.ToHexString(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
    })];

    private static View Random(Shape shape, int seed)
    {
        var random = new Random(seed);
        var view = new View(Device.Allocate(DType.Float32, shape.Elements), shape);
        view.Upload([.. Enumerable.Range(0, (int)shape.Elements).Select(_ => random.NextSingle() * 2 - 1)]);
        return view;
    }
}
