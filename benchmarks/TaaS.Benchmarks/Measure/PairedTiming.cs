using System.Diagnostics;
using TaaS.Benchmarks.Cases;
using TaaS.Benchmarks.Peers;
using TaaS.Kernels.Cpu;

namespace TaaS.Benchmarks.Measure;

/// <summary>
/// Times contenders in turn, round after round in one process, and compares only times of one round:
/// what else the machine does then falls on all of them alike.
/// </summary>
/// <param name="rounds">Rounds that count.</param>
/// <param name="sample">Least time of one sample.</param>
internal sealed class PairedTiming(int rounds, TimeSpan sample)
{
    // Peers' threads look for work for some milliseconds after a call; the next contender must not run against them.
    private static readonly TimeSpan Settle = TimeSpan.FromMilliseconds(40);

    private static readonly ManualResetEventSlim Never = new();

    /// <summary>Measures one case.</summary>
    internal CaseResult Measure(Workload one, int threads)
    {
        CpuDevice.Threads = threads;
        OpenBlas.SetThreads(threads);
        LibTorch.SetThreads(threads);
        Entrant[] entrants = [.. one.Contenders.Select(contender => Enter(contender, threads))];
        var running = Array.FindAll(entrants, entrant => entrant.Run is not null);
        foreach (var entrant in running)
        {
            entrant.Iterations = Calibrate(entrant.Run!);
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

        return new CaseResult(one.FullName, one.Unit, threads, [.. entrants.Select(entrant => Summarise(entrant, entrants[0]))]);
    }

    private static Entrant Enter(Contender contender, int threads)
    {
        var entrant = new Entrant(contender.Library, Peaks.WorkOf(contender, threads));
        try
        {
            entrant.Run = contender.Prepare(threads);
            entrant.Run();
        }
        catch (PeerException error)
        {
            entrant.Run = null;
            entrant.Problem = error.Message;
        }

        return entrant;
    }

    /// <summary>How many runs make a sample; warms up on the way.</summary>
    private int Calibrate(Action run)
    {
        var clock = Stopwatch.StartNew();
        var runs = 0;
        while (clock.Elapsed < sample * 3)
        {
            run();
            runs++;
        }

        return Math.Max(1, (int)Math.Ceiling(runs * (sample / clock.Elapsed)));
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

    private static double Time(Entrant entrant)
    {
        Never.Wait(Settle);
        entrant.Run!();
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < entrant.Iterations; i++)
        {
            entrant.Run();
        }

        return Stopwatch.GetElapsedTime(start).TotalSeconds / entrant.Iterations;
    }

    private static ContenderResult Summarise(Entrant entrant, Entrant ours)
    {
        if (entrant.Run is null)
        {
            return new ContenderResult(entrant.Library, 0, 0, 0, 0, 0, entrant.Problem);
        }

        double[] ratios = [.. entrant.Seconds.Zip(ours.Seconds, (theirs, own) => theirs / entrant.Work / (own / ours.Work)).Order()];
        double[] seconds = [.. entrant.Seconds.Order()];
        return new ContenderResult(
            entrant.Library,
            entrant.Work / Quantile(seconds, 0.5),
            Quantile(ratios, 0.5),
            Quantile(ratios, 0.25),
            Quantile(ratios, 0.75),
            entrant.AllocatedBytes,
            null);
    }

    private static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var low = (int)at;
        return low + 1 < sorted.Length ? sorted[low] + (at - low) * (sorted[low + 1] - sorted[low]) : sorted[low];
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
