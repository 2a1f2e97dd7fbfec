namespace TaaS.Kernels.Cuda;

/// <summary>A device's address space, in which its memory, streams and library handles live.</summary>
internal sealed unsafe class CudaContext : IDisposable
{
    private readonly bool _owned;
    private bool _released;

    /// <summary>Takes a share of the device's primary context; it lives until the last share is given back.</summary>
    internal CudaContext(CudaDevice device)
    {
        Device = device;
        nint handle = 0;
        DriverApi.DevicePrimaryCtxRetain(&handle, device.Handle).ThrowIfFailed("cuDevicePrimaryCtxRetain");
        Handle = handle;
        _owned = true;
    }

    private CudaContext(CudaDevice device, nint handle)
    {
        Device = device;
        Handle = handle;
    }

    internal CudaDevice Device { get; }

    /// <summary>CUcontext.</summary>
    internal nint Handle { get; }

    /// <summary>CUcontext that is current on this thread, or 0.</summary>
    internal static nint Current
    {
        get
        {
            nint handle = 0;
            DriverApi.CtxGetCurrent(&handle).ThrowIfFailed("cuCtxGetCurrent");
            return handle;
        }
    }

    /// <summary>Somebody else's context of the device, ILGPU's for one; disposing leaves it alone.</summary>
    internal static CudaContext Borrow(CudaDevice device, nint handle) => new(device, handle);

    /// <summary>Makes the context current on this thread until the scope is disposed of, there.</summary>
    internal Scope Enter()
    {
        DriverApi.CtxPushCurrent(Handle).ThrowIfFailed("cuCtxPushCurrent");
        return new Scope(Handle);
    }

    /// <summary>Lets kernels and copies of this context reach the peer's memory. Harmless where they can already.</summary>
    internal void EnableAccessTo(CudaContext peer)
    {
        using var scope = Enter();
        var result = DriverApi.CtxEnablePeerAccess(peer.Handle, 0);
        if (result != CudaResult.PeerAccessAlreadyEnabled)
        {
            result.ThrowIfFailed("cuCtxEnablePeerAccess");
        }
    }

    public void Dispose()
    {
        if (_owned && !_released)
        {
            _released = true;
            DriverApi.DevicePrimaryCtxRelease(Device.Handle).ThrowIfFailed("cuDevicePrimaryCtxRelease");
        }
    }

    /// <summary>While it lasts the context is current.</summary>
    internal readonly ref struct Scope(nint context)
    {
        public void Dispose()
        {
            nint popped = 0;
            DriverApi.CtxPopCurrent(&popped).ThrowIfFailed("cuCtxPopCurrent");
            if (popped != context)
            {
                throw new InvalidOperationException("context: scopes ended in another order than they began, or on another thread");
            }
        }
    }
}
