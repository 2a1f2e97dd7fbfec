namespace TaaS.Scheduling.Simulation;

/// <summary>Learns how long jobs of a class run, from those that finished.</summary>
internal sealed class RunTimeHistory
{
    // With fewer, chance decides; and what is long past says little about today.
    private const int FewestRuns = 3;
    private const int MostRuns = 50;

    // A job that outlives its estimate delays whoever waits for its nodes; one that ends early harms nobody.
    private const double Quantile = 0.9;

    private readonly Dictionary<string, Queue<TimeSpan>> _runs = new(StringComparer.Ordinal);

    /// <summary>Notes a run that finished.</summary>
    public void Add(string jobClass, TimeSpan runTime)
    {
        if (!_runs.TryGetValue(jobClass, out var runs))
        {
            _runs[jobClass] = runs = new Queue<TimeSpan>();
        }

        runs.Enqueue(runTime);
        if (runs.Count > MostRuns)
        {
            runs.Dequeue();
        }
    }

    /// <summary>What nine in ten runs of the class stayed below; null while too few have finished.</summary>
    public TimeSpan? Estimate(string jobClass) =>
        _runs.TryGetValue(jobClass, out var runs) && runs.Count >= FewestRuns
            ? TimeSpan.FromTicks((long)Statistics.Quantile([.. runs.Select(static run => (double)run.Ticks)], Quantile))
            : null;
}
