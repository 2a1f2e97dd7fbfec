using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Runtime.Cuda;

namespace TaaS.Kernels.Gpu;

/// <summary>The GPUs that the driver of this machine knows.</summary>
internal static class CudaDevices
{
    private const string Driver = "libcuda.so.1";

    /// <summary>Checks that there is a GPU of that index.</summary>
    /// <exception cref="DeviceException">No driver, or no such GPU.</exception>
    internal static void Require(int index)
    {
        if (!NativeLibrary.TryLoad(Driver, out var library))
        {
            throw new DeviceException($"cuda:{index} is not here: this machine has no NVIDIA driver ({Driver} was not found); install the driver, or use the device cpu");
        }

        NativeLibrary.Free(library);
        var count = Count();
        if (index >= count)
        {
            throw new DeviceException(count == 0
                ? $"cuda:{index} is not here: the NVIDIA driver sees no GPU; check nvidia-smi, or use the device cpu"
                : $"cuda:{index} is not here: this machine has {count} GPU{(count == 1 ? "" : "s")}, cuda:0{(count == 1 ? "" : $" to cuda:{count - 1}")}");
        }
    }

    private static int Count()
    {
        try
        {
            using var context = Context.Create(builder => builder.Cuda());
            return context.GetCudaDevices().Count;
        }
        catch (CudaException)
        {
            return 0;
        }
    }
}
