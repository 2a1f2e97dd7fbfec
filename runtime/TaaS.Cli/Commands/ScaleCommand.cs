using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using TaaS.Cli.Cluster;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas scale</c>: more or fewer workers for a run of this machine or a job of a cluster.</summary>
internal static class ScaleCommand
{
    public static Command Create()
    {
        var target = new Argument<string>("run|job") { Description = "Folder of a run, such as runs/fashion-mnist, or the name of a job of the cluster." };
        var workers = new Option<int>("--workers") { Description = "Number of workers, from spec.replicas.worker.min to max.", Required = true };
        var command = new Command("scale", "Let workers join or leave a run of this machine or a job of a cluster.") { target, workers };
        var cluster = new ClusterOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (name, count) = (parsed.GetRequiredValue(target), parsed.GetRequiredValue(workers));
            if (!cluster.AreGiven(parsed) && IsFolder(name))
            {
                WorkerScale.Ask(RunFolder.Open(Path.GetFullPath(name)), count);
                return ExitCode.Success;
            }

            using var access = cluster.Open(parsed);
            await ScaleJobAsync(access, name, count, cancel);
            return ExitCode.Success;
        });
        return command;
    }

    // No job's name holds a separator, so a path that does not exist is one that was mistyped.
    private static bool IsFolder(string name) => name.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) || Directory.Exists(name);

    private static async Task ScaleJobAsync(ClusterAccess access, string name, int count, CancellationToken cancel)
    {
        var job = await access.JobAsync(name, cancel);
        var status = job.ReadStatus();
        if (status.IsFinished)
        {
            throw new ClusterException($"{name} has ended ({status.Phase}); there is nothing to scale", ExitCode.Failed);
        }

        var worker = job.Read().Spec.Replicas[Role.Worker];
        var (least, most) = (worker.Min ?? worker.Count, worker.Most);
        if (count < least || count > most)
        {
            var why = least == most ? "it has the same number from start to end unless spec.replicas.worker.min and max say otherwise" : "see spec.replicas.worker.min and max";
            throw new ClusterException(string.Create(CultureInfo.InvariantCulture, $"{name}: expected {(least == most ? $"{least}" : $"{least} to {most}")} workers, got {count}; {why}"), ExitCode.Usage);
        }

        var patch = new JsonObject { ["spec"] = new JsonObject { ["replicas"] = new JsonObject { [Role.Worker] = new JsonObject { ["count"] = count } } } };
        await access.Client.PatchAsync(ResourceKinds.TrainingJobs, access.Namespace, name, patch, cancel);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {count} workers asked for, {status.Workers} there now"));
    }
}
