using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuRandomConformance() : RandomConformance(CpuDevice.Instance);

public abstract class RandomConformance(Device device) : KernelConformance(device)
{
    [Fact]
    public void UniformNormalDropout_MatchReference() => ForSeeds(60, random =>
    {
        var shape = new Shape(random.Next(3) == 0 ? random.Next(20_000) : random.Next(40));
        var (seed, offset) = ((ulong)random.NextInt64(), (ulong)random.NextInt64());
        var (x, y) = (Pair(random, shape), Output(shape));
        Reference.Random.Uniform(y.Reference, -1, 3, seed, offset);
        Device.Random.Uniform(y.Device, -1, 3, seed, offset);
        AssertClose(y, 1e-6);
        Reference.Random.Normal(y.Reference, 1, 2, seed, offset);
        Device.Random.Normal(y.Device, 1, 2, seed, offset);
        AssertClose(y, Exact);
        var p = random.NextSingle() * 0.9f;
        Reference.Random.Dropout(x.Reference, y.Reference, p, seed, offset);
        Device.Random.Dropout(x.Device, y.Device, p, seed, offset);
        AssertClose(y, 1e-6);
    });

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 4)]
    [InlineData(3, 3)]
    public void Dropout_PartsOfABuffer_ChangesNothingElse(int from, int to)
    {
        const int length = 23;
        var (x, y) = (Pair(new Random(1), new Shape(40)), Output(new Shape(40)));
        View Part(View view, int offset) => new(view.Buffer, new Shape(length), new Strides(1), offset);
        Reference.Random.Dropout(Part(x.Reference, from), Part(y.Reference, to), 0.4f, 5, uint.MaxValue - 2u);
        Device.Random.Dropout(Part(x.Device, from), Part(y.Device, to), 0.4f, 5, uint.MaxValue - 2u);
        AssertClose(y, 1e-6);
        Reference.Random.Dropout(Part(x.Reference, from), Part(x.Reference, from), 0.4f, 6, 1);
        Device.Random.Dropout(Part(x.Device, from), Part(x.Device, from), 0.4f, 6, 1);
        AssertClose(x, 1e-6);
    }

    [Fact]
    public void Normal_EveryElement_IsAccurate()
    {
        var y = Output(new Shape(IsSlow ? 4_000 : 100_000));
        Reference.Random.Normal(y.Reference, 0, 1, 7, 3);
        Device.Random.Normal(y.Device, 0, 1, 7, 3);
        var actual = Floats(y.Device.Buffer);
        for (var i = 0; i < actual.Length; i++)
        {
            var expected = y.Reference.Floats[i];
            Assert.True(Math.Abs(expected - actual[i]) <= 2e-6 * Math.Max(Math.Abs(expected), 1), $"element {i}: expected {expected:R}, got {actual[i]:R}");
        }
    }

    [Fact]
    public void Uniform_FillsItsRangeEvenly()
    {
        var y = Output(new Shape(IsSlow ? 10_000 : 100_000)).Device;
        Device.Random.Uniform(y, 2, 4, 1, 0);
        var values = Floats(y.Buffer);
        Assert.All(values, value => Assert.InRange(value, 2f, 4f));
        Assert.Equal(3, values.Average(), 0.01);
    }
}
