namespace TaaS.Kernels.Cuda;

/// <summary>A description of data or of an operation that cuDNN keeps.</summary>
internal abstract class CudnnDescriptor : IDisposable
{
    private bool _destroyed;

    private protected CudnnDescriptor(nint handle) => Handle = handle;

    internal nint Handle { get; }

    public void Dispose()
    {
        if (!_destroyed)
        {
            _destroyed = true;
            Destroy(Handle).ThrowIfFailed("destroying a cuDNN descriptor");
        }
    }

    private protected abstract CudnnStatus Destroy(nint handle);
}
