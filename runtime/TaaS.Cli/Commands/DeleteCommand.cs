using System.CommandLine;
using TaaS.Cli.Cluster;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas delete</c>: takes a job off the cluster.</summary>
internal static class DeleteCommand
{
    public static Command Create()
    {
        var names = new Argument<string[]>("job") { Description = "Name of the job, or several.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("delete", "Delete a job of a cluster with its pods; what it wrote to its volumes stays.") { names };
        var cluster = new ClusterOptions(command);
        command.SetAction(async (parsed, cancel) =>
        {
            using var access = cluster.Open(parsed);
            foreach (var name in parsed.GetRequiredValue(names))
            {
                var job = await access.JobAsync(name, cancel);
                await access.Client.DeleteAsync(ResourceKinds.TrainingJobs, access.Namespace, name, job.Metadata.Uid, cancel);
                Console.WriteLine($"{name} is deleted");
            }

            return ExitCode.Success;
        });
        return command;
    }
}
