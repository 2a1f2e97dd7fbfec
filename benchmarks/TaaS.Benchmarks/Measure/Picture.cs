using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Roofline;
using TaaS.Kernels;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Measure;

/// <summary>Results under the roof of the machine that they come from.</summary>
internal static class Picture
{
    /// <summary>Measures the roof and draws what that many threads reached.</summary>
    internal static RooflineChart Of(Device device, PairedTiming timing, IReadOnlyList<CaseResult> results, int threads)
    {
        var peaks = device is GpuDevice gpu ? DevicePeaks.Of(gpu) : DevicePeaks.Processor;
        var reached = timing.Measure([peaks.Arithmetic, peaks.Copy], threads);
        string[] caption = device is GpuDevice
            ? ["Roof: multiply-adds in registers and a copy of 268 MB, measured in this run. Operands do not fit the cache."]
            : [$"Roof: multiply-adds in registers and a copy of 67 MB on {threads} thread{(threads == 1 ? "" : "s")}, measured in this run. Small cases may run from the cache, above memory's roof."];
        return new RooflineChart(
            $"Kernels of TaaS.Engine on {device}",
            [Report.Machine(device), .. caption, "FLOP: additions, multiplications, comparisons and function values; a moved element counts as one."],
            new Roof(Best(WorkUnit.Flop, reached[0]), Best(WorkUnit.Byte, reached[1])),
            [.. results.Where(result => result.Threads == threads && result.Ours.Problem is null).Select(result => new RooflinePoint(result.Group, result.Case, result.Work, result.Seconds))]);

        // The peaks that ran beside the cases count too: the roof is what the machine was seen to do.
        double Best(WorkUnit unit, ContenderResult last) => results
            .Where(result => result.Threads == threads && result.Work.Unit == unit)
            .SelectMany(result => result.Contenders)
            .Where(contender => contender.Library == Library.Peak)
            .Max(contender => (double?)contender.PerSecond) is { } beside ? Math.Max(beside, last.PerSecond) : last.PerSecond;
    }
}
