namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>When a worker's steps ended, in seconds of one clock.</summary>
/// <param name="Start">When it began.</param>
/// <param name="Ends">End of each step.</param>
internal sealed record StepTimes(double Start, IReadOnlyList<double> Ends);

/// <summary>The cost of a step, the same for measured and simulated times.</summary>
internal static class StepCost
{
    /// <summary>Steps at the beginning that do not count.</summary>
    internal static int Skipped(int steps) => steps / 5;

    /// <summary>Mean seconds of a step while all workers were at work, without the first fifth of the steps.</summary>
    internal static double Of(IReadOnlyList<StepTimes> workers)
    {
        var skipped = Skipped(workers[0].Ends.Count);
        var from = workers.Max(worker => skipped == 0 ? worker.Start : worker.Ends[skipped - 1]);
        var to = workers.Min(worker => worker.Ends[^1]);

        // Whole steps and the parts of those at the edges, so that few steps give no steps of chance.
        return workers.Average(worker => (to - from) / (StepsAt(worker, to) - StepsAt(worker, from)));
    }

    private static double StepsAt(StepTimes worker, double time)
    {
        var done = 0;
        var last = worker.Start;
        while (done < worker.Ends.Count && worker.Ends[done] <= time)
        {
            last = worker.Ends[done++];
        }

        return done == worker.Ends.Count ? done : done + Math.Max(0, time - last) / (worker.Ends[done] - last);
    }
}
