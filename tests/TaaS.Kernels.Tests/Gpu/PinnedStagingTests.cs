using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Gpu;

/// <summary>What goes up comes down unchanged, also where it takes several chunks.</summary>
[Collection(Emulator.Name)]
public sealed class PinnedStagingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(PinnedStaging.ChunkBytes / sizeof(float))]
    [InlineData(3 * PinnedStaging.ChunkBytes / sizeof(float) + 17)]
    public void Transfer_AnyLength_KeepsEveryElement(int length)
    {
        var values = Enumerable.Range(0, length).ToArray();
        var buffer = Emulator.Device.Allocate(DType.Int32, length + 5);
        buffer.Upload(values, start: 3);
        var back = new int[length];
        buffer.Download(back, start: 3);
        Assert.Equal(values, back);
    }

    [Fact]
    public void Transfer_WrongTypeOrBeyondTheEnd_IsRefused()
    {
        foreach (var device in new Device[] { Emulator.Device, Cpu.CpuDevice.Instance })
        {
            var buffer = device.Allocate(DType.Float32, 10);
            Assert.Contains("holds Float32, copied as Int32", Assert.Throws<InvalidOperationException>(() => buffer.Upload([1])).Message, StringComparison.Ordinal);
            Assert.Contains("elements 8 to 10 do not lie in a buffer of 10", Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Upload([1f, 2, 3], 8)).Message, StringComparison.Ordinal);
        }
    }
}
