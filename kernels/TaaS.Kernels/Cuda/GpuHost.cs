using ILGPU.Runtime.Cuda;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Cuda;

/// <summary>A device of ILGPU's as the libraries see it: its context, its stream, its buffers.</summary>
internal sealed class GpuHost : ICudaHost
{
    private const int ElementBytes = sizeof(float);

    private readonly GpuDevice _device;

    private GpuHost(GpuDevice device, nint stream)
    {
        _device = device;
        Stream = CudaStream.Borrow(stream);
    }

    public CudaStream Stream { get; }

    public MatrixPrecision Precision => _device.Precision;

    /// <summary>Null for a device without CUDA, such as the emulator.</summary>
    internal static GpuHost? Of(GpuDevice device) => device.Stream is ILGPU.Runtime.Cuda.CudaStream stream ? new GpuHost(device, stream.StreamPtr) : null;

    public void Bind() => _device.Accelerator.Bind();

    public nint AddressOf(in View view) => ((GpuBuffer)view.Buffer).Address + (nint)view.Offset * ElementBytes;
}
