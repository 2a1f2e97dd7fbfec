using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>The software driver's first device, whose memory the host can read.</summary>
internal static unsafe class FakeMemory
{
    public static void OnDevice(Action<CudaStream> work)
    {
        using var context = new CudaContext(CudaDevice.Open(0));
        using var scope = context.Enter();
        using var stream = new CudaStream();
        work(stream);
    }

    /// <summary>What is in memory once all that was queued for the stream has run.</summary>
    public static uint Word(nint address, CudaStream stream)
    {
        stream.Synchronize();
        return *(uint*)address;
    }
}
