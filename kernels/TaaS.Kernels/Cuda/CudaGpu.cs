namespace TaaS.Kernels.Cuda;

/// <summary>A GPU that this process can use.</summary>
/// <param name="Ordinal">The N of <c>cuda:N</c>.</param>
/// <param name="Name">Product name.</param>
/// <param name="MemoryBytes">Memory there is.</param>
/// <param name="Sensors">What they say now; null where there is no NVML or it does not know the GPU.</param>
public sealed record CudaGpu(int Ordinal, string Name, long MemoryBytes, GpuReading? Sensors)
{
    /// <summary>All of them, in the order of their ordinals, which need not be NVML's; none without a driver that works.</summary>
    public static IReadOnlyList<CudaGpu> List()
    {
        if (!CudaLibraries.Installed.Has(CudaLibrary.Driver))
        {
            return [];
        }

        try
        {
            using var monitor = CudaLibraries.Installed.Has(CudaLibrary.Nvml) ? new NvmlMonitor() : null;
            return [.. Enumerable.Range(0, CudaDevice.Count).Select(CudaDevice.Open).Select(device => new CudaGpu(device.Ordinal, device.Name, device.TotalMemoryBytes, Read(monitor, device)))];
        }
        catch (CudaException)
        {
            return [];
        }
    }

    private static GpuReading? Read(NvmlMonitor? monitor, CudaDevice device)
    {
        try
        {
            return monitor?.Read(monitor.IndexOf(device.PciBusId));
        }
        catch (CudaException)
        {
            // A part of a GPU (MIG) has no address of its own that NVML knows.
            return null;
        }
    }
}
