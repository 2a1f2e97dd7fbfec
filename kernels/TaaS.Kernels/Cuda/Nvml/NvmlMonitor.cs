using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>Reads the sensors of this machine's GPUs through NVML; safe to use from several threads.</summary>
public sealed unsafe class NvmlMonitor : IDisposable
{
    // NVML_DEVICE_NAME_V2_BUFFER_SIZE.
    private const int NameBytes = 96;

    private bool _shutDown;

    /// <summary>Starts NVML; it counts its users, so several monitors may live side by side.</summary>
    /// <exception cref="CudaLibraryException">This machine has no NVML.</exception>
    /// <exception cref="CudaException">It does not start: no driver is loaded, for one.</exception>
    public NvmlMonitor() => NvmlApi.Init().ThrowIfFailed("nvmlInit");

    /// <summary>GPUs of this machine.</summary>
    public int Count
    {
        get
        {
            ObjectDisposedException.ThrowIf(_shutDown, this);
            uint count = 0;
            NvmlApi.DeviceGetCount(&count).ThrowIfFailed("nvmlDeviceGetCount");
            return (int)count;
        }
    }

    /// <summary>Position of a GPU known by its PCI address: CUDA may show GPUs in another order, or not all of them.</summary>
    /// <exception cref="CudaException">No such GPU.</exception>
    public int IndexOf(string pciBusId)
    {
        ObjectDisposedException.ThrowIf(_shutDown, this);
        nint device = 0;
        uint index = 0;
        NvmlApi.DeviceGetHandleByPciBusId(pciBusId, &device).ThrowIfFailed($"nvmlDeviceGetHandleByPciBusId of {pciBusId}");
        NvmlApi.DeviceGetIndex(device, &index).ThrowIfFailed("nvmlDeviceGetIndex");
        return (int)index;
    }

    /// <summary>All sensors of one GPU.</summary>
    /// <exception cref="CudaException">No such GPU, or it has fallen off the bus (NVML_ERROR_GPU_IS_LOST).</exception>
    public GpuReading Read(int index)
    {
        ObjectDisposedException.ThrowIf(_shutDown, this);
        var device = Device(index);
        NvmlUtilization utilization = default;
        NvmlMemory memory = default;
        uint celsius = 0, milliwatts = 0;
        var busy = NvmlApi.DeviceGetUtilizationRates(device, &utilization).IsTold("nvmlDeviceGetUtilizationRates");
        var filled = NvmlApi.DeviceGetMemoryInfo(device, &memory).IsTold("nvmlDeviceGetMemoryInfo");
        var warm = NvmlApi.DeviceGetTemperature(device, NvmlTemperatureSensor.Gpu, &celsius).IsTold("nvmlDeviceGetTemperature");
        var powered = NvmlApi.DeviceGetPowerUsage(device, &milliwatts).IsTold("nvmlDeviceGetPowerUsage");
        return new GpuReading(
            index,
            Name(device),
            busy ? (int)utilization.Gpu : null,
            busy ? (int)utilization.Memory : null,
            filled ? (long)memory.Used : null,
            filled ? (long)memory.Total : null,
            warm ? (int)celsius : null,
            powered ? milliwatts / 1000.0 : null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_shutDown)
        {
            _shutDown = true;
            NvmlApi.Shutdown().ThrowIfFailed("nvmlShutdown");
        }
    }

    internal static nint Device(int index)
    {
        nint device = 0;
        NvmlApi.DeviceGetHandleByIndex((uint)index, &device).ThrowIfFailed($"nvmlDeviceGetHandleByIndex of GPU {index}");
        return device;
    }

    private static string Name(nint device)
    {
        var text = stackalloc byte[NameBytes];
        NvmlApi.DeviceGetName(device, text, NameBytes).ThrowIfFailed("nvmlDeviceGetName");
        return Marshal.PtrToStringUTF8((nint)text)!;
    }
}
