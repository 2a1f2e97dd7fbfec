using TaaS.Jobs;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Runtime;

/// <summary>Finds the device a job names.</summary>
internal static class RoleDevice
{
    /// <summary>The device of that name.</summary>
    /// <exception cref="JobException">This release cannot train on it.</exception>
    public static Device Find(string name) => name == "cpu"
        ? CpuDevice.Instance
        : throw new JobException([new JobProblem("spec.device", 0, $"{name} cannot train in this release, expected cpu")]);
}
