using System.CommandLine;
using TaaS.Cli.Cluster;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Commands;

/// <summary><c>taas submit</c>: sends a job file to a cluster.</summary>
internal static class SubmitCommand
{
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Submit nothing: say where every pod would go now, or why the job would wait." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Tell what becomes of it, with the log of worker 0, until it has ended; Ctrl-C leaves it running." };
        var command = new Command("submit", "Send a job file to a cluster.") { dryRun, follow };
        var input = new JobInput(command);
        var cluster = new ClusterOptions(command);
        var output = new Output(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var (job, yaml) = (input.Read(parsed), input.Text(parsed));
            using var access = cluster.Open(parsed, Manifest.Namespace(yaml));
            var resource = Manifest.Of(job, yaml, access.Namespace);
            await CheckQueueAsync(access.Client, job.Spec.Queue, cancel);
            // Also a dry run goes through the server, whose webhooks may refuse it and note who submits.
            var created = await CreateAsync(access, resource, parsed.GetValue(dryRun), cancel);
            if (parsed.GetValue(dryRun))
            {
                var now = TimeProvider.System.GetUtcNow();
                var foreseen = DryRun.Of(await SnapshotReader.ReadAsync(access.Client, cancel), created, now);
                output.Write(parsed, foreseen.ToJson(), () => foreseen.Show(now));
                return foreseen.Code;
            }

            output.Write(parsed, GetCommand.Node(created), () =>
                Console.WriteLine($"{job.Name} is submitted to queue {job.Spec.Queue} in namespace {access.Namespace}; taas why {job.Name} says where it stands"));
            return parsed.GetValue(follow) ? await new JobFollower(access, job.Name).RunAsync(cancel) : ExitCode.Success;
        });
        return command;
    }

    /// <summary>A queue that does not exist is most often a mistyped one.</summary>
    private static async Task CheckQueueAsync(ApiClient client, string queue, CancellationToken cancel)
    {
        try
        {
            var queues = await client.ListAsync(ResourceKinds.Queues, null, cancel: cancel);
            if (queues.Items.All(one => one.Metadata.Name != queue))
            {
                throw new ClusterException($"spec.queue: there is no queue {queue}; {NameHint.For(queue, [.. queues.Items.Select(static one => one.Metadata.Name)])}", ExitCode.Usage);
            }
        }
        catch (ApiException error) when (error.Failure == ApiFailure.Forbidden)
        {
            // Who may not see the queues may still submit to one; the operator says whether it is there.
        }
    }

    private static async Task<TrainingJobResource> CreateAsync(ClusterAccess access, TrainingJobResource resource, bool isDryRun, CancellationToken cancel)
    {
        try
        {
            return await access.Client.CreateAsync(ResourceKinds.TrainingJobs, resource, cancel, isDryRun);
        }
        catch (ApiException error) when (error.Failure == ApiFailure.AlreadyExists)
        {
            throw new ClusterException($"there is a job {resource.Metadata.Name} in namespace {access.Namespace} already; delete it (taas delete {resource.Metadata.Name}) or choose another name: --set metadata.name=NAME", ExitCode.Failed);
        }
    }
}
