using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Measure;

/// <summary>What a device does at best.</summary>
/// <param name="Arithmetic">Multiply-adds in registers.</param>
/// <param name="Copy">A plain copy.</param>
internal sealed record DevicePeaks(Contender Arithmetic, Contender Copy)
{
    /// <summary>Of this machine's processor.</summary>
    internal static DevicePeaks Processor { get; } = new(Peaks.Arithmetic, Peaks.Copy);

    /// <summary>Of a GPU.</summary>
    internal static DevicePeaks Of(GpuDevice gpu)
    {
        return new DevicePeaks(Contender(GpuPeaks.Arithmetic(gpu, Scale.Gpu)), Contender(GpuPeaks.Copy(Scale.Gpu)));

        Contender Contender(Operation operation) => new(Library.Peak, operation.Work.Amount, _ => operation.Prepare(gpu).Run);
    }

    /// <summary>What limits work of that unit; nothing simple limits a whole training step.</summary>
    internal Contender[] For(WorkUnit unit) => unit switch { WorkUnit.Flop => [Arithmetic], WorkUnit.Byte => [Copy], _ => [] };
}
