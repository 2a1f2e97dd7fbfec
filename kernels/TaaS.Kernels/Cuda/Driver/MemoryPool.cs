namespace TaaS.Kernels.Cuda;

/// <summary>A device's default pool, which stream-ordered allocations come from.</summary>
internal sealed unsafe class MemoryPool
{
    private readonly nint _handle;

    internal MemoryPool(CudaDevice device)
    {
        nint handle = 0;
        DriverApi.DeviceGetDefaultMemPool(&handle, device.Handle).ThrowIfFailed("cuDeviceGetDefaultMemPool");
        _handle = handle;
    }

    /// <summary>Bytes the pool keeps when a stream is synchronised, instead of handing them back to the driver; the driver's default is 0.</summary>
    internal ulong ReleaseThresholdBytes
    {
        get => Get(MemoryPoolAttribute.ReleaseThreshold);
        set => DriverApi.MemPoolSetAttribute(_handle, MemoryPoolAttribute.ReleaseThreshold, &value).ThrowIfFailed("cuMemPoolSetAttribute");
    }

    /// <summary>Bytes taken from the driver.</summary>
    internal ulong ReservedBytes => Get(MemoryPoolAttribute.ReservedBytes);

    /// <summary>Bytes allocated from the pool.</summary>
    internal ulong UsedBytes => Get(MemoryPoolAttribute.UsedBytes);

    /// <summary>Hands unused memory back to the driver, down to so many bytes.</summary>
    internal void Trim(long bytesToKeep) => DriverApi.MemPoolTrimTo(_handle, (nuint)bytesToKeep).ThrowIfFailed("cuMemPoolTrimTo");

    private ulong Get(MemoryPoolAttribute attribute)
    {
        ulong value = 0;
        DriverApi.MemPoolGetAttribute(_handle, attribute, &value).ThrowIfFailed("cuMemPoolGetAttribute");
        return value;
    }
}
