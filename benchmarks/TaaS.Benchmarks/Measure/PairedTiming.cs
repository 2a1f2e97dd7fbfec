using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Benchmarks.Measure;

/// <summary>
/// Times contenders in turn, round after round in one process, and compares only times of one round:
/// what else the machine does then falls on all of them alike.
/// </summary>
/// <param name="device">Where our kernels run; a clock stops when it has finished.</param>
/// <param name="rounds">Rounds that count.</param>
/// <param name="sample">Least time of one sample.</param>
internal sealed class PairedTiming(Device device, int rounds, TimeSpan sample)
{
    // Peers' threads look for work for some milliseconds after a call; the next contender must not run against them.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(40);

    private static readonly ManualResetEventSlim Never = new();

    /// <summary>Measures one case.</summary>
    internal CaseResult Measure(Workload one, int threads) =>
        new(one.FullName, one.Group, one.Operation.Work, threads, Measure(one.Contenders, threads));

    /// <summary>Measures contenders; ratios are to the first.</summary>
    internal IReadOnlyList<ContenderResult> Measure(IReadOnlyList<Contender> contenders, int threads)
    {
        CpuDevice.Threads = threads;
        OpenBlas.SetThreads(threads);
        LibTorch.SetThreads(threads);
        Entrant[] entrants = [.. contenders.Select(contender => Enter(contender, threads))];
        var running = Array.FindAll(entrants, entrant => entrant.Run is not null);
        foreach (var entrant in running)
        {
            entrant.Iterations = Stretch.Calibrate(entrant.Run!, device, sample);
            entrant.AllocatedBytes = Allocation(entrant);
        }

        for (var round = 0; round < rounds; round++)
        {
            // The order changes, so that nobody always follows the same one.
            for (var i = 0; i < running.Length; i++)
            {
                var entrant = running[(i + round) % running.Length];
                entrant.Seconds.Add(Time(entrant));
            }
        }

        return [.. entrants.Select(entrant => Summarise(entrant, entrants[0]))];
    }

    private static Entrant Enter(Contender contender, int threads)
    {
        var entrant = new Entrant(contender.Library, Peaks.WorkOf(contender, threads));
        try
        {
            entrant.Run = contender.Prepare(threads);
            entrant.Run();
        }
        catch (Exception error) when (error is PeerException or WrongResultException or DeviceException)
        {
            entrant.Run = null;
            entrant.Problem = error.Message;
        }

        return entrant;
    }

    private static double Allocation(Entrant entrant)
    {
        var before = GC.GetTotalAllocatedBytes(precise: true);
        for (var i = 0; i < entrant.Iterations; i++)
        {
            entrant.Run!();
        }

        return (double)(GC.GetTotalAllocatedBytes(precise: true) - before) / entrant.Iterations;
    }

    private double Time(Entrant entrant)
    {
        if (device is CpuDevice)
        {
            Never.Wait(Settle);
        }

        entrant.Run!();
        return Stretch.Seconds(entrant.Run, device, entrant.Iterations) / entrant.Iterations;
    }

    private static ContenderResult Summarise(Entrant entrant, Entrant ours)
    {
        if (entrant.Run is null)
        {
            return new ContenderResult(entrant.Library, 0, 0, 0, 0, 0, entrant.Problem);
        }

        if (ours.Run is null)
        {
            // Nothing to compare with; its own speed still stands.
            return new ContenderResult(entrant.Library, entrant.Work / Stretch.Quantile([.. entrant.Seconds.Order()], 0.5), 0, 0, 0, entrant.AllocatedBytes, null);
        }

        double[] ratios = [.. entrant.Seconds.Zip(ours.Seconds, (theirs, own) => theirs / entrant.Work / (own / ours.Work)).Order()];
        double[] seconds = [.. entrant.Seconds.Order()];
        return new ContenderResult(
            entrant.Library,
            entrant.Work / Stretch.Quantile(seconds, 0.5),
            Stretch.Quantile(ratios, 0.5),
            Stretch.Quantile(ratios, 0.25),
            Stretch.Quantile(ratios, 0.75),
            entrant.AllocatedBytes,
            null);
    }

    private sealed class Entrant(Library library, double work)
    {
        internal Library Library { get; } = library;

        internal double Work { get; } = work;

        internal Action? Run { get; set; }

        internal string? Problem { get; set; }

        internal int Iterations { get; set; }

        internal double AllocatedBytes { get; set; }

        internal List<double> Seconds { get; } = [];
    }
}
