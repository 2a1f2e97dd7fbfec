using TaaS.Jobs;

namespace TaaS.Runtime;

/// <summary>Makes a result of what workers say they did; a supervisor knows of all of them, a chief without one of itself alone.</summary>
internal static class RunSummary
{
    /// <summary>The result of a job that ran to its end.</summary>
    /// <param name="job">The job.</param>
    /// <param name="plan">What roles knew of it.</param>
    /// <param name="folder">Folder of the run.</param>
    /// <param name="chief">What worker 0 did.</param>
    /// <param name="imagesPerSecond">Of all workers.</param>
    /// <param name="wall">From start to end.</param>
    public static RunResult Of(TrainingJob job, TrainingPlan plan, RunFolder folder, WorkerSummary chief, double imagesPerSecond, TimeSpan wall) => new()
    {
        TestAccuracy = chief.TestAccuracy ?? double.NaN,
        TestLoss = chief.TestLoss ?? double.NaN,
        ImagesPerSecond = Math.Round(imagesPerSecond, 1),
        WallSeconds = Math.Round(wall.TotalSeconds, 2),
        UpdateMode = job.Spec is { Servers: 0, Strategy: Strategy.ParameterServer } ? "local" : job.Spec.Update.Mode.ToString().ToLowerInvariant(),
        Ps = job.Spec.Servers,
        Workers = plan.Policy.Workers,
        Epochs = plan.Epochs,
        Seed = job.Spec.Seed,
        BytesPushed = chief.BytesPushed,
        BytesPulled = chief.BytesPulled,
        Folder = folder.Path,
        Checkpoint = folder.Checkpoint,
    };

    /// <summary>Images a second of workers who all said what they did, by role name.</summary>
    /// <remarks>In lockstep all workers take the chief's time (theirs includes waiting while it evaluates); otherwise each has its own pace.</remarks>
    public static double Rate(TrainingPlan plan, WorkerSummary chief, IEnumerable<WorkerSummary> all) => plan.Policy.IsSync
        ? all.Sum(summary => summary.Samples) / Seconds(chief)
        : all.Sum(summary => summary.Samples / Seconds(summary));

    /// <summary>Images a second of all workers as their servers counted updates: for a chief, who hears nothing of the others.</summary>
    public static double RateOfUpdates(TrainingPlan plan, WorkerSummary chief) =>
        chief.Updates * plan.BatchSize * (plan.Policy.IsSync ? plan.Policy.Workers : 1) / Seconds(chief);

    private static double Seconds(WorkerSummary summary) => Math.Max(summary.TrainSeconds, 1e-9);
}
