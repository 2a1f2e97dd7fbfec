using System.Globalization;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using ILGPU;
using ILGPU.Runtime.Cuda;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Operations.Timing;

/// <summary>What figures were measured on: hardware and versions, in one line.</summary>
public static class Machines
{
    /// <summary>This machine's processor.</summary>
    public static string Processor
    {
        get
        {
            var model = File.Exists("/proc/cpuinfo")
                ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
                : null;
            var vectors = Vector512.IsHardwareAccelerated ? "AVX-512" : Vector256.IsHardwareAccelerated ? "AVX2" : "128-bit vectors";
            return $"{model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} processors, {vectors}, {RuntimeInformation.FrameworkDescription}";
        }
    }

    /// <summary>A GPU.</summary>
    public static string Describe(GpuDevice gpu)
    {
        var accelerator = gpu.Accelerator;
        var driver = accelerator is CudaAccelerator cuda ? $", {cuda.MemorySize >> 30} GiB, sm_{cuda.Architecture.Major}{cuda.Architecture.Minor}, CUDA {cuda.DriverVersion.Major}.{cuda.DriverVersion.Minor}" : "";
        var ilgpu = typeof(Context).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0];
        return string.Create(CultureInfo.InvariantCulture, $"{accelerator.Name}, {accelerator.NumMultiprocessors} multiprocessors{driver}, ILGPU {ilgpu}, {RuntimeInformation.FrameworkDescription}");
    }
}
