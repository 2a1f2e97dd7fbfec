using System.CommandLine;
using System.Text.Json.Nodes;
using TaaS.Cli.Cluster;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas suspend</c> and <c>taas resume</c>: hold a job back, and let it go on where it was.</summary>
internal static class SuspendCommand
{
    public static Command Suspend() => Create("suspend", "Hold a job back: its pods go, its checkpoint stays.", true, "is held back: its pods go, its checkpoint stays");

    public static Command Resume() => Create("resume", "Let a job that was held back go on where it was.", false, "goes on as soon as there is room");

    private static Command Create(string verb, string description, bool suspend, string done)
    {
        var name = new Argument<string>("job") { Description = "Name of the job." };
        var command = new Command(verb, description) { name };
        var cluster = new ClusterOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var access = cluster.Open(parsed);
            var job = await access.JobAsync(parsed.GetRequiredValue(name), cancel);
            var (spec, status) = (job.Read().Spec, job.ReadStatus());
            if (status.IsFinished)
            {
                throw new ClusterException($"{job.Metadata.Name} has ended ({status.Phase}); there is nothing to {verb}", ExitCode.Failed);
            }

            if (spec.Suspend == suspend)
            {
                Console.WriteLine($"{job.Metadata.Name} {(suspend ? "is held back already" : "is not held back")}");
                return ExitCode.Success;
            }

            var patch = new JsonObject { ["spec"] = new JsonObject { ["suspend"] = suspend } };
            await access.Client.PatchAsync(ResourceKinds.TrainingJobs, access.Namespace, job.Metadata.Name, patch, cancel);
            Console.WriteLine($"{job.Metadata.Name} {done}");
            return ExitCode.Success;
        });
        return command;
    }
}
