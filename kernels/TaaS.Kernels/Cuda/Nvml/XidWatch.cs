namespace TaaS.Kernels.Cuda;

/// <summary>A fault of a GPU as the driver numbers them (79: fallen off the bus; 48, 63, 64, 94, 95: memory errors).</summary>
/// <param name="GpuIndex">Which GPU, in NVML's order.</param>
/// <param name="Xid">The driver's number of the fault.</param>
public readonly record struct XidEvent(int GpuIndex, long Xid);

/// <summary>Hears of critical Xid faults of all GPUs that report them.</summary>
public sealed unsafe class XidWatch : IDisposable
{
    private readonly NvmlMonitor _monitor = new();
    private readonly List<nint> _devices = [];
    private nint _set;

    /// <summary>Starts to listen.</summary>
    /// <exception cref="CudaLibraryException">This machine has no NVML.</exception>
    /// <exception cref="CudaException">NVML does not start.</exception>
    public XidWatch()
    {
        try
        {
            nint set = 0;
            NvmlApi.EventSetCreate(&set).ThrowIfFailed("nvmlEventSetCreate");
            _set = set;
            for (var index = 0; index < _monitor.Count; index++)
            {
                Register(NvmlMonitor.Device(index));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>GPUs that report such faults.</summary>
    public int Watched { get; private set; }

    /// <summary>The next fault; null when none comes in time. A wait of zero only looks. May return early with null.</summary>
    public XidEvent? Wait(TimeSpan atMost)
    {
        NvmlEventData data = default;
        var result = NvmlApi.EventSetWait(_set, &data, (uint)Math.Clamp(atMost.TotalMilliseconds, 0, int.MaxValue));
        if (result == NvmlReturn.Timeout)
        {
            return null;
        }

        result.ThrowIfFailed("nvmlEventSetWait");
        return new XidEvent(_devices.IndexOf(data.Device), (long)data.Data);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_set != 0)
        {
            _ = NvmlApi.EventSetFree(_set);
            _set = 0;
        }

        _monitor.Dispose();
    }

    private void Register(nint device)
    {
        _devices.Add(device);
        ulong types = 0;
        if (NvmlApi.DeviceGetSupportedEventTypes(device, &types).IsTold("nvmlDeviceGetSupportedEventTypes")
            && (types & NvmlApi.CriticalXid) != 0
            && NvmlApi.DeviceRegisterEvents(device, NvmlApi.CriticalXid, _set).IsTold("nvmlDeviceRegisterEvents"))
        {
            Watched++;
        }
    }
}
