using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>The stand-in driver's first device, whose memory the host can read.</summary>
internal static unsafe class FakeMemory
{
    public static void OnDevice(Action<CudaStream> work)
    {
        using var context = new CudaContext(CudaDevice.Open(0));
        using var scope = context.Enter();
        using var stream = new CudaStream();
        work(stream);
    }

    public static uint Word(nint address) => *(uint*)address;
}
