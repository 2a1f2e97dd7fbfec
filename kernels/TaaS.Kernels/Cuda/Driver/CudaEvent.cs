namespace TaaS.Kernels.Cuda;

/// <summary>A mark in a stream: to wait for, or to measure time between two of them.</summary>
internal sealed unsafe class CudaEvent : IDisposable
{
    private bool _destroyed;

    internal CudaEvent(EventFlags flags = EventFlags.Default)
    {
        nint handle = 0;
        DriverApi.EventCreate(&handle, flags).ThrowIfFailed("cuEventCreate");
        Handle = handle;
    }

    /// <summary>CUevent.</summary>
    internal nint Handle { get; }

    /// <summary>All that was queued before the mark has run.</summary>
    internal bool IsComplete
    {
        get
        {
            var result = DriverApi.EventQuery(Handle);
            if (result == CudaResult.NotReady)
            {
                return false;
            }

            result.ThrowIfFailed("cuEventQuery");
            return true;
        }
    }

    /// <summary>Puts the mark behind what the stream holds now.</summary>
    internal void Record(CudaStream stream) => DriverApi.EventRecord(Handle, stream.Handle).ThrowIfFailed("cuEventRecord");

    internal void Synchronize() => DriverApi.EventSynchronize(Handle).ThrowIfFailed("cuEventSynchronize");

    /// <summary>Time the device took from an earlier mark to this one; both must have been reached. Resolution about half a microsecond.</summary>
    internal TimeSpan ElapsedSince(CudaEvent start)
    {
        float milliseconds = 0;
        DriverApi.EventElapsedTime(&milliseconds, start.Handle, Handle).ThrowIfFailed("cuEventElapsedTime");
        return TimeSpan.FromMilliseconds(milliseconds);
    }

    public void Dispose()
    {
        if (!_destroyed)
        {
            _destroyed = true;
            DriverApi.EventDestroy(Handle).ThrowIfFailed("cuEventDestroy");
        }
    }
}
