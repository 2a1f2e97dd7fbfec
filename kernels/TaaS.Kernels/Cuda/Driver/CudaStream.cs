namespace TaaS.Kernels.Cuda;

/// <summary>One order of launches and copies on the current context's device.</summary>
internal sealed unsafe class CudaStream : IDisposable
{
    private readonly bool _owned;
    private bool _destroyed;

    /// <summary>A new stream that does not wait for the legacy default stream.</summary>
    internal CudaStream()
    {
        nint handle = 0;
        DriverApi.StreamCreate(&handle, StreamFlags.NonBlocking).ThrowIfFailed("cuStreamCreate");
        Handle = handle;
        _owned = true;
    }

    private CudaStream(nint handle) => Handle = handle;

    /// <summary>CUstream.</summary>
    internal nint Handle { get; }

    /// <summary>What is queued now is recorded, not run.</summary>
    internal bool IsCapturing
    {
        get
        {
            StreamCaptureStatus status;
            DriverApi.StreamIsCapturing(Handle, &status).ThrowIfFailed("cuStreamIsCapturing");
            return status == StreamCaptureStatus.Active;
        }
    }

    /// <summary>Somebody else's stream, ILGPU's for one; disposing leaves it alone.</summary>
    internal static CudaStream Borrow(nint handle) => new(handle);

    /// <summary>Waits until all that was queued has run.</summary>
    internal void Synchronize() => DriverApi.StreamSynchronize(Handle).ThrowIfFailed("cuStreamSynchronize");

    /// <summary>What is queued from now on runs after the event; the host does not wait.</summary>
    internal void WaitFor(CudaEvent other) => DriverApi.StreamWaitEvent(Handle, other.Handle, 0).ThrowIfFailed("cuStreamWaitEvent");

    public void Dispose()
    {
        if (_owned && !_destroyed)
        {
            _destroyed = true;
            DriverApi.StreamDestroy(Handle).ThrowIfFailed("cuStreamDestroy");
        }
    }
}
