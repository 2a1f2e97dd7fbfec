using System.Diagnostics;
using TaaS.Jobs;
using TaaS.Runtime.Observability;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime;

/// <summary>Runs a job in this process, with no server: <c>taas train --local</c>. The same seed gives the same bits.</summary>
public static class LocalTrainer
{
    private const string LocalRole = "local";

    /// <summary>The same training for a process that is one role: a single worker that has the optimizer itself.</summary>
    public static TrainingJob InOneProcess(TrainingJob job) => job with
    {
        Spec = job.Spec with
        {
            Update = job.Spec.Update with { Mode = UpdateMode.Sync, Staleness = 0 },
            Replicas = new Dictionary<string, ReplicaSpec> { [Role.Worker] = new() },
        },
    };

    /// <summary>Trains as one worker on all data, whatever replicas the job asks for.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">Where to write, and what to resume from; how to start roles is not used.</param>
    /// <param name="progress">Takes reports, from another thread.</param>
    /// <param name="cancel">Ends training after the step in progress; a checkpoint is saved first.</param>
    /// <exception cref="Engine.TaaSException">Data, model or checkpoint are wrong, or the disk is full.</exception>
    /// <exception cref="TrainingCanceledException">Cancelled; the checkpoint is saved.</exception>
    public static async Task<RunResult> RunAsync(TrainingJob job, RunOptions options, IProgress<TrainingProgress> progress, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var plan = TrainingPlan.Of(job) with { Policy = new UpdatePolicy(0, 1), Servers = 1 };
        var program = ExamplePrograms.Of(job);
        var device = RoleDevice.Find(job.Spec);
        var folder = JobRunner.OpenFolder(job, options);
        using var log = new RoleLog(folder.Log("local"), LocalRole, LogFormat.OfEnvironment);
        using var metrics = new MetricsLog(folder.Metrics, progress, log);
        using var observation = RoleObservation.OpenLocal(LocalRole, log.Write);
        using var observed = new WorkerObservation(observation, folder, plan, isChief: true, metrics);
        var directory = new RoleDirectory(folder.Roles);
        directory.Started(LocalRole, observation.Metrics.Address);
        var summary = await Task.Factory.StartNew(
            () => new TrainingLoop(plan, program, device, worker: 0, LocalRole) { Observer = observed }.Run(
                (layout, values) => new LocalParameterStore(layout, values, plan.Optimizer),
                folder.Checkpoint,
                options.ResumeFrom,
                observed,
                cancel),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        if (cancel.IsCancellationRequested)
        {
            throw new TrainingCanceledException(folder, new OperationCanceledException(cancel), cancel);
        }

        var result = RunSummary.Of(job, plan, folder, summary, RunSummary.Rate(plan, summary, [summary]), watch.Elapsed) with { UpdateMode = LocalRole, Ps = 0 };
        folder.Write(result);
        directory.Ended(LocalRole, isWhole: true);
        return result;
    }
}
