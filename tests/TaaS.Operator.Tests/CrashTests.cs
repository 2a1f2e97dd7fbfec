using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>
/// The operator dies at every single call it makes to the API server, once before the server carries it out and once after;
/// another takes over, and the job must come to the same end with the same pods.
/// </summary>
public sealed class CrashTests
{
    private const int ClustersAtATime = 8;

    public static TheoryData<string, bool> Points => new()
    {
        { "plain", false }, { "plain", true }, { "faulty", false }, { "faulty", true }, { "paused", false }, { "paused", true },
    };

    [Theory]
    [MemberData(nameof(Points))]
    public async Task OperatorThatDiesAtAnyCall_IsFollowedByOneThatEndsTheSame(string scenario, bool isAfter)
    {
        var (calls, _) = await RunAsync(scenario, 0, isAfter);
        Assert.True(calls > 20, $"the life of a job takes more than {calls} calls");
        var died = new ConcurrentBag<int>();
        await Parallel.ForEachAsync(Enumerable.Range(1, calls), new ParallelOptions { MaxDegreeOfParallelism = ClustersAtATime }, async (call, _) =>
        {
            var (_, hasDied) = await RunAsync(scenario, call, isAfter);
            if (hasDied)
            {
                died.Add(call);
            }
        });
        // Runs differ by a call or two, not by half.
        Assert.True(died.Count > calls / 2, $"of {calls} calls only {died.Count} were a place to die");
    }

    private static async Task<(int Calls, bool HasDied)> RunAsync(string scenario, int call, bool isAfter)
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 2);
        var kill = new KillSwitch { At = call, IsAfter = isAfter };
        var first = cluster.StartOperator(kill: kill);
        using var done = new CancellationTokenSource();
        var heir = SucceedAsync(cluster, first, kill, done.Token);
        try
        {
            await Scenarios[scenario](cluster);
        }
        catch (Exception error) when (call > 0)
        {
            throw new InvalidOperationException($"{scenario}: the operator died at call {call}, {(isAfter ? "after" : "before")} the server carried it out: {error.Message}\n{string.Join('\n', cluster.Server.Log.TakeLast(40))}", error);
        }

        await done.CancelAsync();
        await heir;
        cluster.AssertSound();
        return (first.Calls, kill.IsDead);
    }

    // As a Deployment would start another.
    private static async Task SucceedAsync(DoubleCluster cluster, RunningOperator first, KillSwitch kill, CancellationToken done)
    {
        await ((Task)first.Ended).WaitAsync(done).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (kill.IsDead)
        {
            cluster.StartOperator();
        }
    }

    private static readonly Dictionary<string, Func<DoubleCluster, Task>> Scenarios = new()
    {
        ["plain"] = async cluster =>
        {
            await cluster.SubmitAsync(new TestJob("plain").Servers(1).Workers(2, gpus: 1).Runs(0.1));
            var done = await cluster.ReachesAsync("plain", JobPhase.Succeeded);
            await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync()).All(PodMarks.IsTerminal), "the server's pod to go");
            Assert.Equal((1, 0, 0), (done.Attempt, done.Restarts, done.InfrastructureFailures));
            // The chief may be done before an heir comes to start the others; nobody is ever started twice.
            var starts = cluster.Kubelet.Started.Select(static start => start.Split(' ')[0]).ToList();
            Assert.Contains("plain-worker-0", starts);
            Assert.Equal(starts.Distinct(), starts);
            await AssertOwnedAsync(cluster, "plain");
        },
        ["faulty"] = async cluster =>
        {
            await cluster.SubmitAsync(new TestJob("faulty").Workers(1).Runs(0.05, code: 3).Policy("backoffLimit", 1));
            var failed = await cluster.ReachesAsync("faulty", JobPhase.Failed);
            Assert.Equal((1, 2, 0), (failed.Attempt, failed.Restarts, failed.InfrastructureFailures));
            AssertStarts(cluster, ("faulty-worker-0", 2));
            await AssertOwnedAsync(cluster, "faulty");
        },
        ["paused"] = async cluster =>
        {
            await cluster.SubmitAsync(new TestJob("paused").Servers(1).Workers(1));
            await cluster.ReachesAsync("paused", JobPhase.Running);
            await cluster.PatchAsync("paused", new JsonObject { ["suspend"] = true });
            await cluster.ReachesAsync("paused", JobPhase.Suspended);
            await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync()).Count == 0, "the pods to go");
            await cluster.PatchAsync("paused", new JsonObject { ["suspend"] = false });
            var again = await cluster.ReachesAsync("paused", JobPhase.Running);
            Assert.Equal((2, 0, 0), (again.Attempt, again.Restarts, again.InfrastructureFailures));
            AssertStarts(cluster, ("paused-ps-0", 2), ("paused-worker-0", 2));
            await AssertOwnedAsync(cluster, "paused");
        },
    };

    private static void AssertStarts(DoubleCluster cluster, params (string Pod, int Times)[] expected) =>
        Assert.Equal(
            expected.Select(static entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Pod}: {entry.Times}")),
            cluster.Kubelet.Started.GroupBy(static start => start.Split(' ')[0]).OrderBy(static pod => pod.Key, StringComparer.Ordinal).Select(static pod => string.Create(CultureInfo.InvariantCulture, $"{pod.Key}: {pod.Count()}")));

    private static async Task AssertOwnedAsync(DoubleCluster cluster, string job)
    {
        var uid = (await cluster.Client.GetAsync(ResourceKinds.TrainingJobs, cluster.Space, job, CancellationToken.None)).Metadata.Uid;
        Assert.All(await cluster.PodsAsync(), pod => Assert.Equal(uid, PodMarks.JobUid(pod)));
        var events = (await cluster.Client.ListAsync(ResourceKinds.Events, cluster.Space)).Items.Where(item => item.InvolvedObject.Uid == uid).ToList();
        Assert.Equal(events.Count, events.Select(static item => item.Metadata.Name).Distinct().Count());
    }
}
