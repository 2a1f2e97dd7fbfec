namespace TaaS.Kernels.Gpu;

/// <summary>The GPUs that the driver of this machine knows.</summary>
internal static class CudaDevices
{
    /// <summary>Checks that there is a GPU of that index.</summary>
    /// <exception cref="DeviceException">No driver, one that is too old, or no such GPU.</exception>
    internal static void Require(int index)
    {
        var driver = Cuda.CudaLibraries.Installed.Report(Cuda.CudaLibrary.Driver);
        if (!driver.Found)
        {
            throw new DeviceException($"cuda:{index} is not here: {driver.Title}: {driver.Problem}; install or update the driver, or use the device cpu");
        }

        var count = Cuda.CudaDevice.Count;
        if (index >= count)
        {
            throw new DeviceException(count == 0
                ? $"cuda:{index} is not here: the NVIDIA driver sees no GPU; check nvidia-smi, or use the device cpu"
                : $"cuda:{index} is not here: this machine has {count} GPU{(count == 1 ? "" : "s")}, cuda:0{(count == 1 ? "" : $" to cuda:{count - 1}")}");
        }
    }
}
