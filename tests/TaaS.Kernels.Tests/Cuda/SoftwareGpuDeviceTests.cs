using System.Runtime.CompilerServices;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>The engine's GPU device as users open it, on the software GPU with stand-ins of cuBLASLt and cuDNN: ILGPU, the driver and the libraries together.</summary>
[Collection(FakeCollection.Name)]
public sealed class SoftwareGpuDeviceTests
{
    [SkippableFact]
    public void KernelsAndLibraries_ShareMemoryInEveryPrecision() => FakeLibraries.Run(Precisions);

    [SkippableFact]
    public void OutOfMemory_IsToldAndSurvived() => FakeLibraries.Run(OutOfMemory);

    [SkippableFact]
    public void Buffers_ReachFromOneGpuToAnother() => FakeLibraries.Run(Peers);

    [SkippableFact]
    public void Frozen_LaunchesReplayOnWhatTheBuffersHoldThen() => FakeLibraries.Run(Frozen);

    [SkippableFact]
    public void FailedLaunch_IsToldAtTheNextWait() => FakeLibraries.Run(FailedLaunch);

    private static void Precisions()
    {
        using var device = GpuDevice.Open(0);
        foreach (var precision in Enum.GetValues<MatrixPrecision>())
        {
            device.Precision = precision;
            new FakeCublasLtTests.Suite(device).RunAll();
            new FakeCudnnTests.Suite(device).RunAll();
        }
    }

    private static void OutOfMemory()
    {
        using var device = GpuDevice.Open(0);
        Exceed(device);

        // The buffer that was never made is finalized like any other.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(3 << 26, device.Allocate(DType.Float32, 3 << 26).Length);
    }

    // By itself, so that no buffer is still on the stack.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Exceed(GpuDevice device)
    {
        var half = device.Allocate(DType.Float32, 1 << 27);
        var error = Assert.Throws<DeviceException>(() => device.Allocate(DType.Float32, 3 << 26));
        Assert.StartsWith("cuda:0 is out of memory: 768 MiB asked for, 512 of 1024 MiB held by this process; use a smaller batch", error.Message, StringComparison.Ordinal);
        GC.KeepAlive(half);
    }

    private static void Peers()
    {
        using GpuDevice first = GpuDevice.Open(0), second = GpuDevice.Open(1);
        foreach (var (from, to) in ((GpuDevice, GpuDevice)[])[(first, second), (second, first)])
        {
            var (source, target) = (from.Allocate(DType.Float32, 8), to.Allocate(DType.Float32, 8, zeroed: true));
            source.Upload([1f, 2, 3, 4, 5, 6, 7, 8]);
            Scale(new View(source, new Shape(8)), 2);
            target.CopyFrom(source, 2, 1, 4);
            Scale(new View(target, new Shape(8)), 10);
            var values = new float[8];
            target.Download(values);
            Assert.Equal([0f, 60, 80, 100, 120, 0, 0, 0], values);
        }
    }

    private static void Frozen()
    {
        using var device = GpuDevice.Open(0);
        View x = new(device.Allocate(DType.Float32, 4), new Shape(4));
        x.Buffer.Upload([1f, 2, 3, 4]);
        Action[] launches = [() => Scale(x, 3), () => Scale(x, 2)];
        Array.ForEach(launches, launch => launch());
        var replay = device.Freeze(launches)!;
        x.Buffer.Upload([10f, 20, 30, 40]);
        replay();
        var values = new float[4];
        x.Buffer.Download(values);
        Assert.Equal([60f, 120, 180, 240], values);
    }

    private static void FailedLaunch()
    {
        // The other GPU: this one is lost, and its memory with it.
        var device = GpuDevice.Open(1);
        View x = new(device.Allocate(DType.Float32, 2), new Shape(2));
        x.Buffer.Upload([1f, 2]);

        // A view that says more than its buffer holds, as a kernel with a wrong index would.
        Scale(new View(x.Buffer, new Shape(1 << 20)), 2);
        var error = Assert.Throws<DeviceException>(device.Synchronize);
        Assert.StartsWith("cuda:1 failed: cuStreamSynchronize: CUDA_ERROR_LAUNCH_FAILED (719), unspecified launch failure; this process has lost the GPU", error.Message, StringComparison.Ordinal);
    }

    private static void Scale(View x, float factor) => x.Buffer.Device.Elementwise.BinaryScalar(BinaryOp.Multiply, x, factor, x);
}
