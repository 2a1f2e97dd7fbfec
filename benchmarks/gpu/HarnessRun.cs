using TaaS.Benchmarks.Gpu.Conformance;
using TaaS.Benchmarks.Gpu.Measure;
using TaaS.Benchmarks.Gpu.Report;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Roofline;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Reference;

namespace TaaS.Benchmarks.Gpu;

/// <summary>One run: the suite's checks, then every operation beside PyTorch, then the tables.</summary>
internal sealed class HarnessRun(Options options, TextWriter progress)
{
    private static readonly string[] RoundedTypes = ["tf32", "bf16"];

    private string _peerDescription = "PyTorch did not take part";

    /// <summary>Runs all of it.</summary>
    /// <exception cref="DeviceException">There is no such device here.</exception>
    internal RunReport Run()
    {
        var device = Open();
        var began = TimeProvider.System.GetUtcNow();
        var machine = Machines.Describe(device);
        progress.WriteLine(machine);
        var checks = options.Parts == Parts.Benchmarks ? [] : Check(device);
        using var peer = options.Parts == Parts.Conformance ? null : StartPeer(out _peerDescription);
        var (roof, libraries) = options.Parts == Parts.Conformance ? (null, []) : MeasurePeaks(device, peer);
        var cases = options.Parts == Parts.Conformance ? [] : Measure(device, peer);
        return new RunReport(options.OwnKernels ? $"{options.Device}, own kernels only" : options.Device, machine, options.Scale == Scale.Tiny, _peerDescription, began, roof, libraries, checks, cases);
    }

    private GpuDevice Open()
    {
        if (options.IsEmulator)
        {
            return GpuDevice.CreateEmulator();
        }

        Devices.Require(options.Device);
        return GpuDevice.Open(int.Parse(options.Device["cuda:".Length..], System.Globalization.CultureInfo.InvariantCulture), options.OwnKernels);
    }

    private List<CheckResult> Check(GpuDevice device)
    {
        Families.Device = device;
        var results = ConformanceRunner.Missing.Select(family => new CheckResult(family, "all", 0, "no class runs this family on the device")).ToList();
        foreach (var (type, method, arguments) in ConformanceRunner.Checks)
        {
            var result = ConformanceRunner.Run(type, method, arguments);
            progress.WriteLine($"{(result.Failure is null ? "passed" : "FAILED")} {result.Family} {result.Name}");
            results.Add(result);
        }

        return results;
    }

    private TorchPeer? StartPeer(out string description)
    {
        if (options.Peer.Count == 0)
        {
            description = "PyTorch was not asked for";
            return null;
        }

        try
        {
            var peer = TorchPeer.Start(options.Peer);
            description = peer.Description;
            return peer;
        }
        catch (PeerException error)
        {
            description = $"without PyTorch: {error.Message}";
            progress.WriteLine(description);
            return null;
        }
    }

    private (Roof Roof, Dictionary<string, double> Libraries) MeasurePeaks(GpuDevice device, TorchPeer? peer)
    {
        progress.WriteLine("measuring the peaks");
        var roof = new Roof(PerSecond(GpuPeaks.Arithmetic(device, options.Scale)), PerSecond(GpuPeaks.Copy(options.Scale)));
        var libraries = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var type in peer is null ? [] : RoundedTypes)
        {
            try
            {
                libraries[type] = peer!.Peak(type);
            }
            catch (PeerException error)
            {
                progress.WriteLine($"PyTorch has no peak in {type}: {error.Message}");
            }
        }

        return (roof, libraries);

        double PerSecond(Operation operation)
        {
            var run = operation.Prepare(device).Run;
            var calls = Stretch.Calibrate(run, device, options.Sample);
            double[] seconds = [.. Enumerable.Range(0, options.Rounds).Select(_ => Stretch.Seconds(run, device, calls) / calls).Order()];
            return operation.Work.Amount / Stretch.Quantile(seconds, 0.5);
        }
    }

    private List<CaseOutcome> Measure(GpuDevice device, TorchPeer? peer)
    {
        Operation[] cases = [.. OperationCatalog.All(options.Scale).Where(one => options.Filter is null || one.FullName.Contains(options.Filter, StringComparison.OrdinalIgnoreCase))];
        var timing = new CaseTiming(device, options.Scale == Scale.Tiny ? ReferenceDevice.Instance : CpuDevice.Instance, options.Scale, peer, options.Rounds, options.Sample);
        var outcomes = new List<CaseOutcome>();
        foreach (var operation in cases)
        {
            progress.Write($"[{outcomes.Count + 1}/{cases.Length}] {operation.FullName}");
            var outcome = timing.Measure(operation);
            outcomes.Add(outcome);
            progress.WriteLine(outcome.Problem is { } problem ? $": {problem}" : "");

            // Operands of the case; the device's memory is given back when they are collected.
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return outcomes;
    }
}
