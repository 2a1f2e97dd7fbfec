using TaaS.Kernels.Cuda;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>What the libraries are told about a device of ILGPU's, on the emulator, whose memory the host can read. A wrong address reads another tensor.</summary>
[Collection(Emulator.Name)]
public sealed unsafe class GpuHostTests
{
    [Fact]
    public void Emulator_HasNoCuda()
    {
        using var device = GpuDevice.CreateEmulator();
        Assert.Null(GpuHost.Of(device));
        Assert.Null(CudaKernels.On(device));
    }

    [Fact]
    public void AddressOf_IsTheViewsFirstElement()
    {
        using var device = GpuDevice.CreateEmulator();
        var buffer = device.Allocate(DType.Float32, 10);
        buffer.Upload([0f, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        device.Synchronize();
        var address = new GpuHost(device, 0).AddressOf(new View(buffer, new Shape(2, 2), new Strides(2, 1), 3));
        Assert.Equal(3, *(float*)address);
        GC.KeepAlive(buffer);
    }

    [Theory]
    [InlineData(MatrixPrecision.BFloat16, 5, 9, 6)]
    [InlineData(MatrixPrecision.Float16, 260, 3, 257)]
    [InlineData(MatrixPrecision.Float16, 1, 1, 0)]
    public void NarrowAndWiden_GoThroughTheSameMemory(MatrixPrecision precision, int firstLength, int secondLength, int room)
    {
        using var device = GpuDevice.CreateEmulator();
        device.Precision = precision;
        var host = new GpuHost(device, 0);
        View first = Count(device, firstLength, 1), second = Count(device, secondLength, -1), target = Count(device, room, 0);
        var copies = host.Narrow(first, firstLength, second, secondLength, room);
        device.Synchronize();
        Assert.All(new[] { copies.First, copies.Second, copies.Room }, address => Assert.Equal(0, (address - copies.First) % 512));
        for (var i = 0; i < firstLength; i++)
        {
            Assert.Equal(i, Value(precision, ((ushort*)copies.First)[i]));
        }

        for (var i = 0; i < secondLength; i++)
        {
            Assert.Equal(-i, Value(precision, ((ushort*)copies.Second)[i]));
        }

        for (var i = 0; i < room; i++)
        {
            ((ushort*)copies.Room)[i] = ((ushort*)copies.First)[i % firstLength];
        }

        host.Widen(target);
        var values = new float[room];
        target.Download(values);
        Assert.Equal(Enumerable.Range(0, room).Select(i => (float)(i % firstLength)), values);
    }

    private static View Count(GpuDevice device, int length, float step)
    {
        var view = new View(device.Allocate(DType.Float32, length), new Shape(length));
        view.Upload([.. Enumerable.Range(0, length).Select(i => i * step)]);
        return view;
    }

    private static float Value(MatrixPrecision precision, ushort bits) => precision == MatrixPrecision.BFloat16
        ? BitConverter.UInt32BitsToSingle((uint)bits << 16)
        : (float)BitConverter.UInt16BitsToHalf(bits);
}
