namespace TaaS.Kernels.Cuda;

/// <summary>Memory of the current context's device, allocated and copied in the order of a stream. Sizes in bytes.</summary>
internal static unsafe class DeviceMemory
{
    /// <summary>Free and total memory now, of all processes.</summary>
    internal static (long Free, long Total) Info()
    {
        nuint free = 0, total = 0;
        DriverApi.MemGetInfo(&free, &total).ThrowIfFailed("cuMemGetInfo");
        return ((long)free, (long)total);
    }

    /// <summary>Reserves memory that work queued on the stream from now on may use.</summary>
    /// <exception cref="CudaException">Out of memory: the message says how much was asked for and free.</exception>
    internal static nint Allocate(long bytes, CudaStream stream)
    {
        nint address = 0;
        DriverApi.MemAllocAsync(&address, (nuint)bytes, stream.Handle).ThrowIfFailed("cuMemAllocAsync", bytes, Info);
        return address;
    }

    /// <summary>Gives memory back to the pool once the work queued so far has run.</summary>
    internal static void Free(nint address, CudaStream stream) => DriverApi.MemFreeAsync(address, stream.Handle).ThrowIfFailed("cuMemFreeAsync");

    /// <summary>Host to device; overlaps with other work only from pinned memory, which must stay as it is until the copy has run.</summary>
    internal static void Upload(nint target, void* source, long bytes, CudaStream stream) =>
        DriverApi.MemcpyHtoDAsync(target, source, (nuint)bytes, stream.Handle).ThrowIfFailed("cuMemcpyHtoDAsync");

    /// <summary>Device to host, under the same rule.</summary>
    internal static void Download(void* target, nint source, long bytes, CudaStream stream) =>
        DriverApi.MemcpyDtoHAsync(target, source, (nuint)bytes, stream.Handle).ThrowIfFailed("cuMemcpyDtoHAsync");

    /// <summary>Within one device.</summary>
    internal static void Copy(nint target, nint source, long bytes, CudaStream stream) =>
        DriverApi.MemcpyDtoDAsync(target, source, (nuint)bytes, stream.Handle).ThrowIfFailed("cuMemcpyDtoDAsync");

    /// <summary>Between two devices; directly where <see cref="CudaContext.EnableAccessTo"/> was possible, through the host otherwise.</summary>
    internal static void CopyAcross(nint target, CudaContext targetContext, nint source, CudaContext sourceContext, long bytes, CudaStream stream) =>
        DriverApi.MemcpyPeerAsync(target, targetContext.Handle, source, sourceContext.Handle, (nuint)bytes, stream.Handle).ThrowIfFailed("cuMemcpyPeerAsync");

    internal static void Fill(nint target, byte value, long bytes, CudaStream stream) =>
        DriverApi.MemsetD8Async(target, value, (nuint)bytes, stream.Handle).ThrowIfFailed("cuMemsetD8Async");

    /// <summary>Fills with a 32-bit pattern; the address is a multiple of 4.</summary>
    internal static void FillWords(nint target, uint value, long words, CudaStream stream) =>
        DriverApi.MemsetD32Async(target, value, (nuint)words, stream.Handle).ThrowIfFailed("cuMemsetD32Async");
}
