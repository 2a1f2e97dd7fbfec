using System.Threading.Channels;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Runtime;

namespace TaaS.Cli.Cluster;

/// <summary>Tells what becomes of a job until it has ended, and shows the log of its first worker.</summary>
internal sealed class JobFollower(ClusterAccess access, string name)
{
    /// <summary>Follows it; gives what the command ends with.</summary>
    public async Task<int> RunAsync(CancellationToken cancel)
    {
        var changes = Channel.CreateBounded<TrainingJobResource?>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });
        var informer = new Informer<TrainingJobResource>(access.Client, ResourceKinds.TrainingJobs, access.Namespace, TimeProvider.System) { FieldSelector = $"metadata.name={name}" };
        informer.Store.Changed += (_, after) => changes.Writer.TryWrite(after);
        informer.TroubleChanged += trouble => Console.Error.WriteLine(trouble is null ? "taas: the cluster answers again" : $"taas: {trouble.Message}; trying again");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var watching = informer.RunAsync(stop.Token);
        var log = new LogFollower(access, name, Role.Worker, 0);
        var logging = log.RunAsync(stop.Token);
        try
        {
            return await TellAsync(changes.Reader, async () => await logging.WaitAsync(LogFollower.Patience, cancel), cancel);
        }
        finally
        {
            await stop.CancelAsync();
            await Task.WhenAll(watching, logging).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (logging.Exception?.InnerException is { } error)
            {
                Console.Error.WriteLine($"taas: no log: {error.Message.ReplaceLineEndings(" ")}");
            }
        }
    }

    private async Task<int> TellAsync(ChannelReader<TrainingJobResource?> changes, Func<Task> logged, CancellationToken cancel)
    {
        var last = "";
        await foreach (var job in changes.ReadAllAsync(cancel))
        {
            if (job is null)
            {
                throw new ClusterException($"{name} was deleted", ExitCode.Failed);
            }

            var view = JobView.Of(job);
            var said = $"{name}: {view.Status.Phase}{(view.Reason.Length > 0 ? $" ({view.Reason}): {view.Message}" : "")}";
            if (said != last)
            {
                Console.Error.WriteLine($"taas: {said}");
                last = said;
            }

            if (view.Status.IsFinished)
            {
                await logged().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                return view.Status.Phase == JobPhase.Succeeded ? ExitCode.Success : ExitCode.Failed;
            }
        }

        return ExitCode.Failed;
    }
}
