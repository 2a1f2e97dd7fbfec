using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuSoftmaxConformance() : SoftmaxConformance(CpuDevice.Instance);

public abstract class SoftmaxConformance(Device device) : KernelConformance(device)
{
    [Fact]
    public void Softmaxes_BothWays_MatchReference() => ForSeeds(150, random => BothWays(random, new Shape(random.Next(0, IsSlow ? 12 : 70), random.Next(1, 90))));

    /// <summary>So many that a device may give each thread a row.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    [InlineData(16)]
    public void ManyShortRows_MatchReference(int classes)
    {
        var (random, rows) = (new Random(classes), IsSlow ? 40 : 5000);
        BothWays(random, new Shape(rows, classes));
        CrossEntropy(random, rows, classes);
    }

    private void BothWays(Random random, Shape shape)
    {
        // Wide values overflow a softmax that does not subtract the maximum.
        var x = Pair(random, shape, random.Next(3) == 0 ? 0.01 : 0, scale: random.Next(2) == 0 ? 5 : 200);
        var (y, dy, dx) = (Output(shape), Pair(random, shape), Output(shape));
        Reference.Softmax.Softmax(x.Reference, y.Reference);
        Device.Softmax.Softmax(x.Device, y.Device);
        AssertClose(y, Exact);
        Reference.Softmax.SoftmaxBackward(y.Reference, dy.Reference, dx.Reference);
        Device.Softmax.SoftmaxBackward(y.Device, dy.Device, dx.Device);
        AssertClose(dx, Accumulated);
        Reference.Softmax.LogSoftmax(x.Reference, y.Reference);
        Device.Softmax.LogSoftmax(x.Device, y.Device);
        AssertClose(y, Exact);
        Reference.Softmax.LogSoftmaxBackward(y.Reference, dy.Reference, dx.Reference);
        Device.Softmax.LogSoftmaxBackward(y.Device, dy.Device, dx.Device);
        AssertClose(dx, Accumulated);
    }

    [Theory]
    [InlineData(9000)]
    [InlineData(9003)]
    public void Softmaxes_LongRowsWithMasks_MatchReference(int classes)
    {
        // Rows longer than what a device keeps at hand, with −inf where a mask was.
        var shape = new Shape(3, IsSlow ? classes - 8800 : classes);
        var random = new Random(classes);
        var x = Pair(random, shape, scale: 9);
        Change(x, value => value < 8 ? float.NegativeInfinity : value);
        var (y, dy, dx) = (Output(shape), Pair(random, shape), Output(shape));
        Reference.Softmax.LogSoftmax(x.Reference, y.Reference);
        Device.Softmax.LogSoftmax(x.Device, y.Device);
        AssertClose(y, Exact);
        Reference.Softmax.LogSoftmaxBackward(y.Reference, dy.Reference, dx.Reference);
        Device.Softmax.LogSoftmaxBackward(y.Device, dy.Device, dx.Device);
        AssertClose(dx, Accumulated);
        Reference.Softmax.Softmax(x.Reference, y.Reference);
        Device.Softmax.Softmax(x.Device, y.Device);
        AssertClose(y, Exact);
        Reference.Softmax.SoftmaxBackward(y.Reference, dy.Reference, dx.Reference);
        Device.Softmax.SoftmaxBackward(y.Device, dy.Device, dx.Device);
        AssertClose(dx, Accumulated);
    }

    [Fact]
    public void CrossEntropy_MatchesReference() => ForSeeds(100, random => CrossEntropy(random, random.Next(1, IsSlow ? 20 : 130), random.Next(1, 40)));

    private void CrossEntropy(Random random, int rows, int classes)
    {
        var x = Pair(random, new Shape(rows, classes), scale: 20);
        var labels = Output(new Shape(rows), DType.Int32);
        for (var row = 0; row < rows; row++)
        {
            labels.Reference.Ints[row] = random.Next(classes);
        }

        labels.Device.Upload(labels.Reference.Ints);
        var (loss, dx) = (Output(new Shape(1)), Output(new Shape(rows, classes)));
        Reference.Softmax.CrossEntropy(x.Reference, labels.Reference, loss.Reference, dx.Reference);
        Device.Softmax.CrossEntropy(x.Device, labels.Device, loss.Device, dx.Device);
        AssertClose(loss, Accumulated);
        AssertClose(dx, Exact);
    }
}
