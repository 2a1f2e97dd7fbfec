using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuNormalizationConformance() : NormalizationConformance(CpuDevice.Instance);

public abstract class NormalizationConformance(Device device) : KernelConformance(device)
{
    [Fact]
    public void Batch_TrainingAndInference_MatchReference() => ForSeeds(
        100,
        random => CheckBatch(random, new Shape(random.Next(2, 6), random.Next(1, 9), random.Next(1, 12), random.Next(1, 12))));

    [Theory]
    [InlineData(52, 60)]
    [InlineData(53, 61)]
    public void Batch_FewChannelsOfManyElements_MatchesReference(int height, int width) => CheckBatch(new Random(height), new Shape(3, 2, height, width));

    [Fact]
    public void Batch_LargeMean_KeepsItsDigits()
    {
        var shape = new Shape(4, 2, 16, 16);
        var each = new Shape(2);
        var random = new Random(3);
        var x = Pair(random, shape);
        Change(x, value => value + 1000);

        var (gamma, beta, mean, variance) = (Pair(random, each), Pair(random, each), Pair(random, each), Pair(random, each));
        var (y, saved, inverse) = (Output(shape), Output(each), Output(each));
        Reference.Normalization.BatchForward(x.Reference, gamma.Reference, beta.Reference, mean.Reference, variance.Reference, y.Reference, saved.Reference, inverse.Reference, 0.1f, 1e-5f);
        Device.Normalization.BatchForward(x.Device, gamma.Device, beta.Device, mean.Device, variance.Device, y.Device, saved.Device, inverse.Device, 0.1f, 1e-5f);
        AssertClose(inverse, 1e-3);
        AssertClose(y, 1e-3);
    }

    [Theory]
    [InlineData(0.1f)]
    [InlineData(123_456.7f)]
    [InlineData(33_333_332f)]
    public void Constant_AnySize_BecomesBeta(float value)
    {
        // Its variance is 0, which rounding must not turn negative: 1/√ would be NaN, and with it the whole model.
        var shape = new Shape(3, 2, 29, 31);
        Shape each = new(2), rows = new(6, 899), features = new(899);
        var (x, gamma, beta, mean, variance) = (Pair(new Random(1), shape), Pair(new Random(2), each), Pair(new Random(3), each), Pair(new Random(4), each), Pair(new Random(5), each));
        Change(x, _ => value);
        var (y, saved, inverse) = (Output(shape), Output(each), Output(each));
        Reference.Normalization.BatchForward(x.Reference, gamma.Reference, beta.Reference, mean.Reference, variance.Reference, y.Reference, saved.Reference, inverse.Reference, 0.1f, 1e-5f);
        Device.Normalization.BatchForward(x.Device, gamma.Device, beta.Device, mean.Device, variance.Device, y.Device, saved.Device, inverse.Device, 0.1f, 1e-5f);
        foreach (var pair in new[] { y, saved, inverse })
        {
            AssertClose(pair, Exact);
        }

        (gamma, beta) = (Pair(new Random(6), features), Pair(new Random(7), features));
        (y, saved, inverse) = (Output(rows), Output(new Shape(6)), Output(new Shape(6)));
        Reference.Normalization.LayerForward(x.Reference with { Shape = rows, Strides = rows.ContiguousStrides }, gamma.Reference, beta.Reference, y.Reference, saved.Reference, inverse.Reference, 1e-5f);
        Device.Normalization.LayerForward(x.Device with { Shape = rows, Strides = rows.ContiguousStrides }, gamma.Device, beta.Device, y.Device, saved.Device, inverse.Device, 1e-5f);
        foreach (var pair in new[] { y, saved, inverse })
        {
            AssertClose(pair, Exact);
        }
    }

    [Fact]
    public void Layer_BothWays_MatchesReference() => ForSeeds(100, random => CheckLayer(random, new Shape(random.Next(1, IsSlow ? 12 : 40), random.Next(2, 70))));

    [Theory]
    [InlineData(3, 9000)]
    [InlineData(3, 9003)]
    [InlineData(5003, 3)]
    public void Layer_LongRowsOrColumns_MatchReference(int rows, int columns) =>
        CheckLayer(new Random(columns), IsSlow ? new Shape(rows > 5000 ? 99 : rows, columns > 8800 ? columns - 8800 : columns) : new Shape(rows, columns));

    [Fact]
    public void Layer_LargeMean_KeepsItsDigits()
    {
        Shape shape = new(3, 160), rows = new(3), features = new(160);
        var random = new Random(4);
        var (x, gamma, beta) = (Pair(random, shape), Pair(random, features), Pair(random, features));
        Change(x, value => value + 1000);
        var (y, mean, inverse) = (Output(shape), Output(rows), Output(rows));
        Reference.Normalization.LayerForward(x.Reference, gamma.Reference, beta.Reference, y.Reference, mean.Reference, inverse.Reference, 1e-5f);
        Device.Normalization.LayerForward(x.Device, gamma.Device, beta.Device, y.Device, mean.Device, inverse.Device, 1e-5f);
        AssertClose(inverse, 1e-3);
        AssertClose(y, 1e-3);
    }

    private void CheckBatch(Random random, Shape shape)
    {
        var each = new Shape(shape[1]);
        var (x, gamma, beta) = (Pair(random, shape, scale: 3), Pair(random, each), Pair(random, each));
        var (mean, variance, y, saved, inverse) = (Pair(random, each), Pair(random, each), Output(shape), Output(each), Output(each));
        Change(variance, Math.Abs);

        Reference.Normalization.BatchInference(x.Reference, gamma.Reference, beta.Reference, mean.Reference, variance.Reference, y.Reference, 1e-3f);
        Device.Normalization.BatchInference(x.Device, gamma.Device, beta.Device, mean.Device, variance.Device, y.Device, 1e-3f);
        AssertClose(y, Exact);
        Reference.Normalization.BatchForward(x.Reference, gamma.Reference, beta.Reference, mean.Reference, variance.Reference, y.Reference, saved.Reference, inverse.Reference, 0.1f, 1e-3f);
        Device.Normalization.BatchForward(x.Device, gamma.Device, beta.Device, mean.Device, variance.Device, y.Device, saved.Device, inverse.Device, 0.1f, 1e-3f);
        foreach (var pair in new[] { y, mean, variance, saved, inverse })
        {
            AssertClose(pair, Accumulated);
        }

        var (dy, dx, dgamma, dbeta) = (Pair(random, shape), Output(shape), Output(each), Output(each));
        Reference.Normalization.BatchBackward(x.Reference, gamma.Reference, saved.Reference, inverse.Reference, dy.Reference, dx.Reference, dgamma.Reference, dbeta.Reference);
        Device.Normalization.BatchBackward(x.Device, gamma.Device, saved.Device, inverse.Device, dy.Device, dx.Device, dgamma.Device, dbeta.Device);
        foreach (var pair in new[] { dx, dgamma, dbeta })
        {
            AssertClose(pair, Accumulated * 10);
        }
    }

    private void CheckLayer(Random random, Shape shape)
    {
        Shape rows = new(shape[0]), features = new(shape[1]);
        var (x, gamma, beta) = (Pair(random, shape, scale: 3), Pair(random, features), Pair(random, features));
        var (y, mean, inverse) = (Output(shape), Output(rows), Output(rows));
        Reference.Normalization.LayerForward(x.Reference, gamma.Reference, beta.Reference, y.Reference, mean.Reference, inverse.Reference, 1e-3f);
        Device.Normalization.LayerForward(x.Device, gamma.Device, beta.Device, y.Device, mean.Device, inverse.Device, 1e-3f);
        foreach (var pair in new[] { y, mean, inverse })
        {
            AssertClose(pair, Accumulated);
        }

        var (dy, dx, dgamma, dbeta) = (Pair(random, shape), Output(shape), Output(features), Output(features));
        Reference.Normalization.LayerBackward(x.Reference, gamma.Reference, mean.Reference, inverse.Reference, dy.Reference, dx.Reference, dgamma.Reference, dbeta.Reference);
        Device.Normalization.LayerBackward(x.Device, gamma.Device, mean.Device, inverse.Device, dy.Device, dx.Device, dgamma.Device, dbeta.Device);
        foreach (var pair in new[] { dx, dgamma, dbeta })
        {
            AssertClose(pair, Accumulated * 10);
        }
    }
}
