using System.Text.Json.Nodes;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>While the operator's call is on its way, its pod goes and another comes by the same name: that one is none of its business.</summary>
public sealed class ReplacedPodTests
{
    /// <summary>Otherwise the job would try to bind a pod that is long gone, for as long as no news of its end comes.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PodThatIsReplacedBeforeItIsBound_IsGivenUp_ThoughNoNewsOfItsEndHasCome(bool isBound)
    {
        await using var cluster = await DoubleCluster.StartAsync();
        var call = new HeldCall(cluster.Server.Faults, static request => request is { Method: "POST" } && request.Path.EndsWith("/pods/swapped-worker-0/binding", StringComparison.Ordinal));
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("swapped").Workers(1));
        await call.Arrived.WaitAsync(TestSettings.Patience);
        var news = new TaskCompletionSource();
        cluster.Server.Faults.WatchesHeldUntil = news.Task;
        var stranger = await ReplaceAsync(cluster, "swapped-worker-0", isBound ? "node-0" : null);
        call.GoOn();

        await cluster.ReachesAsync("swapped", IsInTheWay, "to say that another's pod is in its way");
        Assert.Equal((stranger, isBound ? "node-0" : null), await LookAsync(cluster, "swapped-worker-0"));

        news.SetResult();
        await cluster.Client.DeleteAsync(ResourceKinds.Pods, cluster.Space, "swapped-worker-0", stranger, CancellationToken.None, gracePeriodSeconds: 0);
        await cluster.ReachesAsync("swapped", JobPhase.Running);
        cluster.AssertSound();
    }

    [Fact]
    public async Task PodThatIsReplacedBeforeItIsDeleted_LeavesTheOtherAlone()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("swapped").Workers(1));
        await cluster.ReachesAsync("swapped", JobPhase.Running);

        var call = new HeldCall(cluster.Server.Faults, static request => request is { Method: "DELETE" } && request.Path.EndsWith("/pods/swapped-worker-0", StringComparison.Ordinal));
        await cluster.PatchAsync("swapped", new JsonObject { ["suspend"] = true });
        await call.Arrived.WaitAsync(TestSettings.Patience);
        var stranger = await ReplaceAsync(cluster, "swapped-worker-0", node: null);
        call.GoOn();

        // A job is looked at by one at a time: when it says what is in its way, that call has been answered.
        await cluster.PatchAsync("swapped", new JsonObject { ["suspend"] = false });
        await cluster.ReachesAsync("swapped", static status => status.Phase == JobPhase.Running || IsInTheWay(status), "to be looked at again");
        Assert.Equal(stranger, (await cluster.PodAsync("swapped-worker-0")).Metadata.Uid);
        cluster.AssertSound();
    }

    private static bool IsInTheWay(TrainingJobStatus status) =>
        status.Find(ConditionType.Running)?.Message.Contains("not this job's", StringComparison.Ordinal) == true;

    /// <summary>Puts a stranger's pod in the place of another.</summary>
    /// <returns>Its UID.</returns>
    private static async Task<string> ReplaceAsync(DoubleCluster cluster, string name, string? node)
    {
        await cluster.Client.DeleteAsync(ResourceKinds.Pods, cluster.Space, name, null, CancellationToken.None, gracePeriodSeconds: 0);
        var stranger = new V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new() { Name = name, NamespaceProperty = cluster.Space },
            Spec = new() { NodeName = node, Containers = [new() { Name = "main", Image = "other" }] },
        };
        return (await cluster.Client.CreateAsync(ResourceKinds.Pods, stranger, CancellationToken.None)).Metadata.Uid;
    }

    private static async Task<(string Uid, string? Node)> LookAsync(DoubleCluster cluster, string name)
    {
        var pod = await cluster.PodAsync(name);
        return (pod.Metadata.Uid, pod.Spec.NodeName);
    }

    /// <summary>Keeps the first call of a kind on its way until it may go on.</summary>
    private sealed class HeldCall
    {
        private readonly TaskCompletionSource _arrived = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goesOn = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public HeldCall(Faults faults, Func<RequestInfo, bool> isMeant) =>
            faults.Plan = request => isMeant(request) && _arrived.TrySetResult() ? new Fault.Wait(_goesOn.Task) : null;

        public Task Arrived => _arrived.Task;

        public void GoOn() => _goesOn.SetResult();
    }
}
