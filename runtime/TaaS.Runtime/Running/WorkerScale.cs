using System.Globalization;
using TaaS.Engine.Formats;
using TaaS.Jobs;

namespace TaaS.Runtime;

/// <summary>How many workers a run shall have: a number in a file of its folder, which <c>taas scale</c> writes and the supervisor follows.</summary>
public static class WorkerScale
{
    /// <summary>Asks a run for more or fewer workers.</summary>
    /// <param name="folder">Folder of a run that goes on.</param>
    /// <param name="workers">Number of workers, within the job's <c>replicas.worker.min</c> and <c>max</c>.</param>
    /// <exception cref="TrainingException">No run there, it has ended, or the job allows no such number.</exception>
    public static void Ask(RunFolder folder, int workers)
    {
        if (!File.Exists(folder.Spec))
        {
            throw new TrainingException($"{folder.Path} is no run; give the folder of one, such as runs/fashion-mnist");
        }

        if (File.Exists(folder.Result))
        {
            throw new TrainingException($"the run {folder.Path} has ended");
        }

        var (least, most) = Bounds(TrainingPlan.Of(TrainingJob.Parse(File.ReadAllText(folder.Spec))));
        if (workers < least || workers > most)
        {
            throw new TrainingException($"this job runs with {least} to {most} workers, not {workers}; set spec.replicas.worker.min and max when it is started");
        }

        AtomicFile.Write(folder.Scale, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(workers.ToString(CultureInfo.InvariantCulture))));
    }

    /// <summary>What was asked for last, or null.</summary>
    internal static int? Read(RunFolder folder, TrainingPlan plan)
    {
        try
        {
            var (least, most) = Bounds(plan);
            return int.TryParse(File.ReadAllText(folder.Scale), NumberStyles.None, CultureInfo.InvariantCulture, out var workers) ? Math.Clamp(workers, least, most) : null;
        }
        catch (IOException)
        {
            // Nobody asked.
            return null;
        }
    }

    private static (int Least, int Most) Bounds(TrainingPlan plan) => (plan.Policy.MinWorkers, plan.Policy.MaxWorkers);
}
