using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>A piece of device memory that the allocator hands out again and again.</summary>
internal sealed class GpuBlock(MemoryBuffer memory, long bytes)
{
    /// <summary>Size in bytes.</summary>
    internal long Bytes => bytes;

    /// <summary>Address on the device.</summary>
    internal nint Address => memory.NativePtr;

    /// <summary>The memory as the kernels see it.</summary>
    internal ArrayView<byte> View => memory.AsArrayView<byte>(0, bytes);

    /// <inheritdoc cref="GpuBuffer.Reaching"/>
    internal ArrayView<byte> Reaching(long bytes) => new(memory, 0, bytes);

    /// <summary>Gives the memory back to the driver.</summary>
    internal void Release() => memory.Dispose();
}
