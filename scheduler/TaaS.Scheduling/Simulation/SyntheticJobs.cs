using TaaS.Jobs.Traces;

namespace TaaS.Scheduling.Simulation;

/// <summary>Makes jobs up; the same seed makes the same ones.</summary>
internal static class SyntheticJobs
{
    private static readonly TimeSpan Shortest = TimeSpan.FromSeconds(1);

    public static IEnumerable<TraceJob> Make(SyntheticWorkload workload)
    {
        // Each kind of chance has its own numbers, so that changing the mix leaves arrivals as they were.
        var (arrivals, kinds, times) = (new Random(workload.Seed), new Random(workload.Seed + 1), new Random(workload.Seed + 2));
        var clock = TimeSpan.Zero;
        for (var number = 0; number < workload.Jobs; number++)
        {
            clock += Gap(workload, arrivals);
            var at = workload.Arrivals == ArrivalProcess.Bursts ? InBursts(clock) : clock;
            var kind = Choose(workload.Mix, kinds.NextDouble());
            var runTime = RunTime(kind, times);
            var declared = kind.Overestimate is { } most ? Whole(runTime * (1 + (most - 1) * times.NextDouble())) : (TimeSpan?)null;
            yield return new TraceJob($"{kind.Name}-{number}", Whole(at), runTime, declared, kind.Shape);
        }
    }

    private static TimeSpan Gap(SyntheticWorkload workload, Random random) =>
        TimeSpan.FromHours(1 / workload.ArrivalsPerHour) * (workload.Arrivals == ArrivalProcess.Uniform ? 1 : Exponential(random));

    /// <summary>Only the first halves of hours take arrivals, and time goes twice as fast in them.</summary>
    private static TimeSpan InBursts(TimeSpan time) =>
        TimeSpan.FromHours(Math.Floor(time.TotalHours)) + TimeSpan.FromTicks(time.Ticks % TimeSpan.TicksPerHour / 2);

    private static JobMix Choose(IReadOnlyList<JobMix> mix, double random)
    {
        var left = random * mix.Sum(static kind => kind.Weight);
        foreach (var kind in mix)
        {
            left -= kind.Weight;
            if (left < 0)
            {
                return kind;
            }
        }

        return mix[^1];
    }

    private static TimeSpan RunTime(JobMix kind, Random random)
    {
        var time = kind.MedianRunTime * Math.Exp(kind.Sigma * Normal(random));
        return Whole(time < Shortest ? Shortest : time > kind.MostRunTime ? kind.MostRunTime : time);
    }

    private static double Exponential(Random random) => -Math.Log(1 - random.NextDouble());

    /// <summary>A standard normal number. <b>Source</b>: Box, Muller, "A Note on the Generation of Random Normal Deviates", 1958.</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    private static TimeSpan Whole(TimeSpan time) => TimeSpan.FromSeconds(Math.Ceiling(time.TotalSeconds));
}
