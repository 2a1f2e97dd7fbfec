namespace TaaS.Kernels.Cuda;

/// <summary>cuDNN on the current context, queueing on one stream.</summary>
internal sealed unsafe class CudnnHandle : IDisposable
{
    private bool _destroyed;

    /// <exception cref="CudaLibraryException">The library is absent.</exception>
    internal CudnnHandle(CudaStream stream)
    {
        nint handle = 0;
        CudnnApi.Create(&handle).ThrowIfFailed("cudnnCreate");
        Handle = handle;
        CudnnApi.SetStream(handle, stream.Handle).ThrowIfFailed("cudnnSetStream");
    }

    internal nint Handle { get; }

    public void Dispose()
    {
        if (!_destroyed)
        {
            _destroyed = true;
            CudnnApi.Destroy(Handle).ThrowIfFailed("cudnnDestroy");
        }
    }
}
