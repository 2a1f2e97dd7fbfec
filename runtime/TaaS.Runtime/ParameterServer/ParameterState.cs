using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Runtime.ParameterServer;

/// <summary>Everything training needs to go on: values and optimizer slots under logical names, whole and unsharded.</summary>
/// <param name="Step">Step at which workers begin.</param>
/// <param name="Updates">Updates applied so far; the most of any slice.</param>
/// <param name="Parameters">Names and shapes.</param>
/// <param name="Parts">For each parameter its values, then one buffer for each optimizer slot.</param>
public sealed record ParameterState(long Step, long Updates, IReadOnlyList<ParameterInfo> Parameters, IReadOnlyList<HostBuffer[]> Parts)
{
    /// <summary>Makes a state full of zeros, in host memory.</summary>
    public static ParameterState Allocate(IReadOnlyList<ParameterInfo> parameters, int slots) => new(
        0,
        0,
        parameters,
        [.. parameters.Select(parameter => Enumerable.Range(0, 1 + slots).Select(_ => SliceState.Allocate(CpuDevice.Instance, parameter.Elements)).ToArray())]);
}
