namespace TaaS.Kernels.Cuda;

/// <summary>Device memory that library calls on one stream use in turn. Reserved once, so that recorded graphs may keep its address.</summary>
internal sealed class CudaWorkspace : IDisposable
{
    /// <summary>What NVIDIA recommends for cuBLASLt on Hopper.</summary>
    internal const long CublasLtBytes = 32L << 20;

    /// <summary>Room for cuDNN's algorithms that rearrange whole images of a batch.</summary>
    internal const long CudnnBytes = 256L << 20;

    private readonly CudaStream _stream;

    internal CudaWorkspace(CudaStream stream, long bytes)
    {
        _stream = stream;
        Length = bytes;
        Address = DeviceMemory.Allocate(bytes, stream);
    }

    /// <summary>Size in bytes.</summary>
    internal long Length { get; }

    internal nint Address { get; private set; }

    public void Dispose()
    {
        if (Address != 0)
        {
            DeviceMemory.Free(Address, _stream);
            Address = 0;
        }
    }
}
