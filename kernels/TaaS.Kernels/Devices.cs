using System.Globalization;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels;

/// <summary>Devices by the names users write.</summary>
public static class Devices
{
    private const string CudaPrefix = "cuda:";

    private static readonly Lock Gate = new();
    private static readonly Dictionary<int, GpuDevice> Gpus = [];

    /// <summary>The device of that name; a GPU is opened when first asked for, and stays open.</summary>
    /// <param name="name"><c>cpu</c> or <c>cuda:N</c>.</param>
    /// <exception cref="DeviceException">No such device here; the message says why and what to do.</exception>
    public static Device Find(string name)
    {
        if (name == CpuDevice.Instance.Name)
        {
            return CpuDevice.Instance;
        }

        var index = CudaIndex(name);
        lock (Gate)
        {
            if (!Gpus.TryGetValue(index, out var gpu))
            {
                Gpus[index] = gpu = GpuDevice.Open(index);
            }

            return gpu;
        }
    }

    /// <summary>Checks that <see cref="Find"/> has a device to open, without opening it.</summary>
    /// <inheritdoc cref="Find"/>
    public static void Require(string name)
    {
        if (name != CpuDevice.Instance.Name)
        {
            CudaDevices.Require(CudaIndex(name));
        }
    }

    private static int CudaIndex(string name) =>
        name.StartsWith(CudaPrefix, StringComparison.Ordinal) && int.TryParse(name.AsSpan(CudaPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            ? index
            : throw new DeviceException($"there is no device {name}; use cpu or cuda:N, such as cuda:0");
}
