using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>A GPU as the driver sees it: what it is called and what it can do.</summary>
internal sealed unsafe class CudaDevice
{
    private const int NameBytes = 256;
    private const int BusIdBytes = 32;

    private CudaDevice(int ordinal, int handle)
    {
        Ordinal = ordinal;
        Handle = handle;
    }

    /// <summary>GPUs the driver shows to this process.</summary>
    /// <exception cref="CudaLibraryException">No usable driver.</exception>
    internal static int Count
    {
        get
        {
            var count = 0;
            var initialized = DriverApi.Init(0);
            if (initialized == CudaResult.NoDevice)
            {
                return 0;
            }

            initialized.ThrowIfFailed("cuInit");
            DriverApi.DeviceGetCount(&count).ThrowIfFailed("cuDeviceGetCount");
            return count;
        }
    }

    /// <summary>Position among the GPUs shown: the N of <c>cuda:N</c>.</summary>
    internal int Ordinal { get; }

    /// <summary>CUdevice.</summary>
    internal int Handle { get; }

    internal string Name
    {
        get
        {
            var text = stackalloc byte[NameBytes];
            DriverApi.DeviceGetName(text, NameBytes, Handle).ThrowIfFailed("cuDeviceGetName");
            return Marshal.PtrToStringUTF8((nint)text)!;
        }
    }

    /// <summary>Address on the PCI bus, as NVML and nvidia-smi know the GPU by whatever order CUDA shows it in.</summary>
    internal string PciBusId
    {
        get
        {
            var text = stackalloc byte[BusIdBytes];
            DriverApi.DeviceGetPciBusId(text, BusIdBytes, Handle).ThrowIfFailed("cuDeviceGetPCIBusId");
            return Marshal.PtrToStringUTF8((nint)text)!;
        }
    }

    internal long TotalMemoryBytes
    {
        get
        {
            nuint bytes = 0;
            DriverApi.DeviceTotalMem(&bytes, Handle).ThrowIfFailed("cuDeviceTotalMem");
            return (long)bytes;
        }
    }

    internal int this[DeviceAttribute attribute]
    {
        get
        {
            var value = 0;
            DriverApi.DeviceGetAttribute(&value, attribute, Handle).ThrowIfFailed("cuDeviceGetAttribute");
            return value;
        }
    }

    /// <exception cref="CudaException">No such GPU.</exception>
    internal static CudaDevice Open(int ordinal)
    {
        var handle = 0;
        DriverApi.Init(0).ThrowIfFailed("cuInit");
        DriverApi.DeviceGet(&handle, ordinal).ThrowIfFailed($"cuDeviceGet of cuda:{ordinal}");
        return new CudaDevice(ordinal, handle);
    }

    /// <summary>Whether the two can read each other's memory without going through the host.</summary>
    internal bool CanAccess(CudaDevice peer)
    {
        var can = 0;
        DriverApi.DeviceCanAccessPeer(&can, Handle, peer.Handle).ThrowIfFailed("cuDeviceCanAccessPeer");
        return can != 0;
    }
}
