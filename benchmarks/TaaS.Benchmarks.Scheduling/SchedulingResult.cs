using System.Diagnostics;
using TaaS.Scheduling;
using TaaS.Scheduling.Model;

namespace TaaS.Benchmarks.Scheduling;

/// <summary>What was measured.</summary>
/// <param name="Scale">Of what size.</param>
/// <param name="Gangs">Gangs the pods were in.</param>
/// <param name="Cold">Passes in which everything waits.</param>
/// <param name="Steady">Passes over a full cluster, in turn.</param>
/// <param name="NoRoom">Passes with one gang that waits and has no room.</param>
/// <param name="Snapshots">How long it takes to make a snapshot of what an API server has.</param>
/// <param name="PeakBytes">Most memory the process had resident by the end of the passes, the snapshots included.</param>
internal sealed record SchedulingResult(Scale Scale, int Gangs, PassTime[] Cold, PassTime[] Steady, PassTime[] NoRoom, Clocked[] Snapshots, long PeakBytes)
{
    /// <summary>A quantile of times, in milliseconds.</summary>
    internal static double Quantile(IEnumerable<Clocked> times, double share, Func<Clocked, double>? time = null)
    {
        var sorted = times.Select(time ?? (static clocked => clocked.Milliseconds)).Order().ToArray();
        return sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    /// <summary>Pods placed or told why not, for each second of the cold passes.</summary>
    internal double PodsDecidedASecond => Cold.Sum(static pass => pass.Pods) / (Cold.Sum(static pass => pass.Milliseconds) / 1000);

    /// <summary>Pods placed for each second of the cold passes.</summary>
    internal double PodsPlacedASecond => Cold.Sum(static pass => pass.PodsPlaced) / (Cold.Sum(static pass => pass.Milliseconds) / 1000);
}

/// <summary>How long something took.</summary>
/// <param name="Milliseconds">Time it took.</param>
/// <param name="ProcessorMilliseconds">Processor time it took, all threads together: what it would take on a quiet machine.</param>
internal record Clocked(double Milliseconds, double ProcessorMilliseconds)
{
    /// <summary>Times some work.</summary>
    internal static (Clocked Time, T Result) Of<T>(Func<T> work)
    {
        var processor = Environment.CpuUsage.TotalTime;
        var clock = Stopwatch.StartNew();
        var result = work();
        var time = clock.Elapsed.TotalMilliseconds;
        return (new Clocked(time, (Environment.CpuUsage.TotalTime - processor).TotalMilliseconds), result);
    }
}

/// <summary>One pass.</summary>
/// <param name="Milliseconds">Time it took.</param>
/// <param name="ProcessorMilliseconds">Processor time it took, all threads together.</param>
/// <param name="Pods">Pods of gangs that waited for it.</param>
/// <param name="PodsPlaced">Pods it placed.</param>
/// <param name="Admitted">Gangs that started.</param>
/// <param name="Preempted">Gangs to be stopped.</param>
/// <param name="Waiting">Gangs that go on waiting.</param>
internal sealed record PassTime(double Milliseconds, double ProcessorMilliseconds, int Pods, int PodsPlaced, int Admitted, int Preempted, int Waiting) : Clocked(Milliseconds, ProcessorMilliseconds)
{
    /// <summary>Times a pass.</summary>
    internal static (PassTime Time, SchedulingPass Pass) Of(Scheduler scheduler, ClusterSnapshot snapshot)
    {
        var (time, pass) = Clocked.Of(() => scheduler.Decide(snapshot));
        return (new PassTime(
            time.Milliseconds,
            time.ProcessorMilliseconds,
            snapshot.Gangs.Where(static gang => gang.Placement is null).Sum(static gang => gang.PodSets.Sum(static set => set.Count)),
            pass.Admitted.Sum(static admission => admission.Placement.Pods.Count),
            pass.Admitted.Count,
            pass.Preempted.Count,
            pass.Waiting.Count), pass);
    }
}
