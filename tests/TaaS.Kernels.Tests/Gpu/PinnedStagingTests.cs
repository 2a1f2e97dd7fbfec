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
    public void CopyFrom_AnyDeviceToAny_CopiesTheRunAndNothingElse()
    {
        Device[] devices = [Emulator.Device, Cpu.CpuDevice.Instance, Reference.ReferenceDevice.Instance];
        foreach (var (from, to) in devices.SelectMany(from => devices.Select(to => (from, to))))
        {
            DeviceBuffer source = from.Allocate(DType.Int32, 9), target = to.Allocate(DType.Int32, 7, zeroed: true);
            source.Upload([0, 1, 2, 3, 4, 5, 6, 7, 8]);
            target.CopyFrom(source, sourceStart: 3, start: 2, length: 4);
            var values = new int[7];
            target.Download(values);
            Assert.Equal([0, 0, 3, 4, 5, 6, 0], values);
            Assert.Throws<ArgumentOutOfRangeException>(() => target.CopyFrom(source, 6, 0, 4));
            Assert.Throws<InvalidOperationException>(() => target.CopyFrom(from.Allocate(DType.Float32, 9), 0, 0, 4));
        }
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
