using TaaS.Benchmarks.Measure;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Contenders;

/// <summary>Everything that is measured, and beside what.</summary>
public static class Catalog
{
    /// <summary>All cases on the processor, by family, with peers where they have the same operation.</summary>
    public static IReadOnlyList<Workload> Processor { get; } = OnProcessor();

    /// <summary>The processor's cases of one family.</summary>
    public static IEnumerable<Workload> Of(string group) => Processor.Where(one => one.Group == group);

    /// <summary>All cases on a device. Peers run on the processor only.</summary>
    public static IReadOnlyList<Workload> On(Device device)
    {
        if (device is not GpuDevice gpu)
        {
            return Processor;
        }

        var own = new OwnKernels(device, CpuDevice.Instance, Scale.Gpu);
        var peaks = DevicePeaks.Of(gpu);
        return [.. OperationCatalog.All(Scale.Gpu).Select(operation => new Workload(operation, [own.Contender(operation), .. peaks.For(operation.Work.Unit)]))];
    }

    private static Workload[] OnProcessor()
    {
        var own = new OwnKernels(CpuDevice.Instance, Kernels.Reference.ReferenceDevice.Instance, Scale.Processor);
        var peaks = DevicePeaks.Processor;
        var peers = new Dictionary<string, IReadOnlyList<Contender>>(StringComparer.Ordinal);
        foreach (var (name, contenders) in (IEnumerable<(string, IReadOnlyList<Contender>)>)[.. MatrixPeers.All, .. ConvolutionPeers.All, .. PoolingPeers.All, .. VectorAddPeers.All, .. SoftmaxPeers.All, .. TrainingStepPeers.All])
        {
            peers.Add(name, contenders);
        }

        Workload[] all = [.. OperationCatalog.All(Scale.Processor).Select(operation => new Workload(operation, [own.Contender(operation), .. peaks.For(operation.Work.Unit), .. peers.GetValueOrDefault(operation.FullName, [])]))];
        var orphan = peers.Keys.FirstOrDefault(name => !Array.Exists(all, one => one.FullName == name));
        return orphan is null ? all : throw new InvalidOperationException($"peers of '{orphan}' have no operation to stand beside");
    }
}
