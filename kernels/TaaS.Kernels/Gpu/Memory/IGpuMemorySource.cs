using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;

namespace TaaS.Kernels.Gpu;

/// <summary>Where the allocator gets memory from.</summary>
internal interface IGpuMemorySource
{
    /// <summary>Asks for a block; null when there is no more.</summary>
    GpuBlock? TryAllocate(long bytes);

    /// <summary>What the device has in all, in bytes.</summary>
    long TotalBytes { get; }
}

/// <summary>The accelerator's own memory.</summary>
internal sealed class AcceleratorMemory(Accelerator accelerator) : IGpuMemorySource
{
    public long TotalBytes => accelerator.MemorySize;

    public GpuBlock? TryAllocate(long bytes)
    {
        try
        {
            return new GpuBlock(accelerator.AllocateRaw(bytes, 1), bytes);
        }
        catch (CudaException error) when (error.Error == nameof(CudaError.CUDA_ERROR_OUT_OF_MEMORY))
        {
            return null;
        }
    }
}
