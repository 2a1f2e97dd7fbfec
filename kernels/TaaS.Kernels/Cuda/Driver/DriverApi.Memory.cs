using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <content>Stream-ordered memory, pinned host memory, copies.</content>
internal static unsafe partial class DriverApi
{
    [LibraryImport(Name, EntryPoint = "cuMemAllocAsync")]
    internal static partial CudaResult MemAllocAsync(nint* address, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemFreeAsync")]
    internal static partial CudaResult MemFreeAsync(nint address, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemGetInfo_v2")]
    internal static partial CudaResult MemGetInfo(nuint* free, nuint* total);

    [LibraryImport(Name, EntryPoint = "cuDeviceGetDefaultMemPool")]
    internal static partial CudaResult DeviceGetDefaultMemPool(nint* pool, int device);

    [LibraryImport(Name, EntryPoint = "cuMemPoolSetAttribute")]
    internal static partial CudaResult MemPoolSetAttribute(nint pool, MemoryPoolAttribute attribute, void* value);

    [LibraryImport(Name, EntryPoint = "cuMemPoolGetAttribute")]
    internal static partial CudaResult MemPoolGetAttribute(nint pool, MemoryPoolAttribute attribute, void* value);

    [LibraryImport(Name, EntryPoint = "cuMemPoolTrimTo")]
    internal static partial CudaResult MemPoolTrimTo(nint pool, nuint bytesToKeep);

    [LibraryImport(Name, EntryPoint = "cuMemHostAlloc")]
    internal static partial CudaResult MemHostAlloc(void** memory, nuint bytes, HostAllocationFlags flags);

    [LibraryImport(Name, EntryPoint = "cuMemFreeHost")]
    internal static partial CudaResult MemFreeHost(void* memory);

    [LibraryImport(Name, EntryPoint = "cuMemcpyHtoDAsync_v2")]
    internal static partial CudaResult MemcpyHtoDAsync(nint target, void* source, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemcpyDtoHAsync_v2")]
    internal static partial CudaResult MemcpyDtoHAsync(void* target, nint source, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemcpyDtoDAsync_v2")]
    internal static partial CudaResult MemcpyDtoDAsync(nint target, nint source, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemcpyPeerAsync")]
    internal static partial CudaResult MemcpyPeerAsync(nint target, nint targetContext, nint source, nint sourceContext, nuint bytes, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemsetD8Async")]
    internal static partial CudaResult MemsetD8Async(nint target, byte value, nuint count, nint stream);

    [LibraryImport(Name, EntryPoint = "cuMemsetD32Async")]
    internal static partial CudaResult MemsetD32Async(nint target, uint value, nuint count, nint stream);
}
