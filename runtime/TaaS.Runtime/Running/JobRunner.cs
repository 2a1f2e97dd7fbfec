using TaaS.Jobs;
using TaaS.Runtime.Programs;

namespace TaaS.Runtime;

/// <summary>Runs a job on this machine: servers and workers as processes of their own.</summary>
public static class JobRunner
{
    /// <summary>Runs a job to its end and leaves everything about it in a run folder.</summary>
    /// <param name="job">The job.</param>
    /// <param name="options">How to start roles, and where to write.</param>
    /// <param name="progress">Takes reports of all workers, from another thread.</param>
    /// <param name="cancel">Ends all processes; the chief saves a checkpoint first.</param>
    /// <returns>What the run came to; <see cref="RunResult.LostRoles"/> is not empty if workers died on the way and the others went on.</returns>
    /// <exception cref="Engine.TaaSException">A role was lost that the job cannot do without, or failed. All processes have ended.</exception>
    /// <exception cref="TrainingCanceledException">Cancelled. All processes have ended.</exception>
    public static async Task<RunResult> RunAsync(TrainingJob job, RunOptions options, IProgress<TrainingProgress> progress, CancellationToken cancel)
    {
        var plan = TrainingPlan.Of(job);
        if (!options.RolesAreAnotherProgram)
        {
            ExamplePrograms.Of(job);
        }

        RoleDevice.Require(job.Spec.Device);
        var folder = OpenFolder(job, options);
        using var metrics = new MetricsLog(folder.Metrics, progress);
        using var supervisor = new Supervisor(job, plan, options, folder, metrics);
        try
        {
            return await supervisor.RunAsync(cancel);
        }
        catch (OperationCanceledException stopped)
        {
            throw new TrainingCanceledException(folder, stopped, cancel);
        }
    }

    /// <summary>Makes the folder of a run and writes the job into it as it will be run, defaults and overrides included.</summary>
    internal static RunFolder OpenFolder(TrainingJob job, RunOptions options)
    {
        if (options.ResumeFrom is { } checkpoint && !File.Exists(checkpoint))
        {
            throw Checkpoint.Missing(checkpoint);
        }

        var folder = RunFolder.Create(options.RunsFolder ?? job.Spec.OutputPath, options.RunName ?? job.Name, options.RunName is not null);
        File.WriteAllText(folder.Spec, job.ToYaml());
        return folder;
    }
}
