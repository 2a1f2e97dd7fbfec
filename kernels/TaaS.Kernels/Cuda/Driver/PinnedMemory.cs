namespace TaaS.Kernels.Cuda;

/// <summary>Host memory the device reads and writes by itself, so that copies overlap with work.</summary>
internal sealed unsafe class PinnedMemory : IDisposable
{
    private void* _start;

    /// <exception cref="CudaException">The host has no such amount to pin.</exception>
    internal PinnedMemory(long bytes)
    {
        void* start = null;
        DriverApi.MemHostAlloc(&start, (nuint)bytes, HostAllocationFlags.Portable).ThrowIfFailed($"cuMemHostAlloc of {bytes} bytes");
        _start = start;
        Length = bytes;
    }

    /// <summary>Size in bytes.</summary>
    internal long Length { get; }

    internal void* Start
    {
        get
        {
            ObjectDisposedException.ThrowIf(_start is null, this);
            return _start;
        }
    }

    /// <summary>A part of the memory, in place.</summary>
    internal Span<byte> Bytes(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new Span<byte>((byte*)Start + offset, length);
    }

    /// <summary>Gives the memory back. No copy that uses it may still be queued.</summary>
    public void Dispose()
    {
        if (_start is not null)
        {
            DriverApi.MemFreeHost(_start).ThrowIfFailed("cuMemFreeHost");
            _start = null;
        }
    }
}
