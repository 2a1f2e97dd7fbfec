using System.Text.Json.Nodes;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>A cluster with an operator, as a test sees it: the double, or a real one.</summary>
internal abstract class TestCluster : IAsyncDisposable
{
    protected TestCluster(ApiClient client, string space, string queue) => (Client, Space, Queue) = (client, space, queue);

    public ApiClient Client { get; }

    /// <summary>Namespace of the jobs.</summary>
    public string Space { get; }

    /// <summary>Queue with room for everything.</summary>
    public string Queue { get; }

    public abstract ValueTask DisposeAsync();

    public Task<TrainingJobResource> SubmitAsync(TestJob job) => Client.CreateAsync(ResourceKinds.TrainingJobs, job.ToResource(Space, Queue), CancellationToken.None);

    public async Task<TrainingJobStatus> StatusAsync(string job) => (await Client.GetAsync(ResourceKinds.TrainingJobs, Space, job, CancellationToken.None)).ReadStatus();

    /// <summary>Waits until a job is in a phase.</summary>
    public Task<TrainingJobStatus> ReachesAsync(string job, JobPhase phase) => ReachesAsync(job, status => status.Phase == phase, $"to be {phase}");

    /// <summary>Waits until a job's status is as wanted.</summary>
    public async Task<TrainingJobStatus> ReachesAsync(string job, Func<TrainingJobStatus, bool> isReached, string what)
    {
        TrainingJobStatus status = new();
        await EventuallyAsync(async () => isReached(status = await StatusAsync(job)), () => $"job {job} {what}; it is: {status.ToJson()}");
        return status;
    }

    public async Task<IReadOnlyList<V1Pod>> PodsAsync(string? job = null) =>
        [.. (await Client.ListAsync(ResourceKinds.Pods, Space, job is null ? null : $"{PodNames.JobLabel}={job}")).Items.OrderBy(static pod => pod.Metadata.Name, StringComparer.Ordinal)];

    public Task<V1Pod> PodAsync(string name) => Client.GetAsync(ResourceKinds.Pods, Space, name, CancellationToken.None);

    /// <summary>Changes a job as <c>kubectl patch</c> would.</summary>
    public Task<TrainingJobResource> PatchAsync(string job, JsonObject spec) =>
        Client.PatchAsync(ResourceKinds.TrainingJobs, Space, job, new JsonObject { ["spec"] = spec }, CancellationToken.None);

    public static Task EventuallyAsync(Func<Task<bool>> isSo, string what) => EventuallyAsync(isSo, () => what);

    /// <summary>Looks again and again; gives up with a word of what was waited for.</summary>
    public static async Task EventuallyAsync(Func<Task<bool>> isSo, Func<string> what)
    {
        using var limit = new CancellationTokenSource(TestSettings.Patience);
        while (!await isSo())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"waited {TestSettings.Patience.TotalSeconds:0} s in vain for {what()}");
            }

            await Task.Delay(10);
        }
    }
}
