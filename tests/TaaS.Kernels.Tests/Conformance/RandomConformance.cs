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
