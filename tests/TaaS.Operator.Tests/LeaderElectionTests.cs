using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>Two replicas, one of whom acts.</summary>
public sealed class LeaderElectionTests
{
    private static OperatorOptions Replica(string name) => RunningOperator.Options with { LeaderElection = true, Identity = name, OwnNamespace = "kube-system" };

    [Fact]
    public async Task OfTwoReplicas_OneLeads_AndTheOtherTakesOverWhenItDies()
    {
        await using var cluster = await DoubleCluster.StartAsync(time: new FastTime(10));
        var first = cluster.StartOperator(Replica("first"));
        await TestCluster.EventuallyAsync(() => Task.FromResult(first.Log.Lines.Any(static line => line.Contains("first leads", StringComparison.Ordinal))), "the first to lead");
        var second = cluster.StartOperator(Replica("second"));
        await cluster.SubmitAsync(new TestJob("one").Workers(2));
        await cluster.ReachesAsync("one", JobPhase.Running);
        Assert.DoesNotContain(second.Log.Lines, static line => line.Contains("second leads", StringComparison.Ordinal));

        await first.KillAsync();
        await cluster.SubmitAsync(new TestJob("two").Workers(2));
        await cluster.ReachesAsync("two", JobPhase.Running);

        var lease = await cluster.Client.GetAsync(ResourceKinds.Leases, "kube-system", LeaderElection.LeaseName, CancellationToken.None);
        Assert.Equal("second", lease.Spec.HolderIdentity);
        Assert.Equal(1, lease.Spec.LeaseTransitions);
        Assert.Equal(1, (await cluster.StatusAsync("one")).Attempt);
        cluster.AssertSound();
    }

    [Fact]
    public async Task LeaderThatCannotRenew_StopsBeforeAnotherStarts()
    {
        await using var cluster = await DoubleCluster.StartAsync(time: new FastTime(10));
        var isCut = false;
        var first = cluster.StartOperator(Replica("first"));
        await TestCluster.EventuallyAsync(() => Task.FromResult(first.Log.Lines.Any(static line => line.Contains("first leads", StringComparison.Ordinal))), "the first to lead");
        cluster.Server.Faults.Plan = request => isCut && request.Method == "PUT" && request.Path.Contains("/leases/", StringComparison.Ordinal) ? new ApiServer.Fault.Answer(503) : null;

        isCut = true;

        Assert.False(await first.Ended.WaitAsync(TestSettings.Patience));
    }

    [Fact]
    public async Task LeaderThatStops_GivesTheLeaseBack_SoThatNobodyWaits()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        var first = cluster.StartOperator(Replica("first"));
        await TestCluster.EventuallyAsync(() => Task.FromResult(first.Log.Lines.Any(static line => line.Contains("the cluster is known", StringComparison.Ordinal))), "the first to work");
        await first.StopAsync();

        var second = cluster.StartOperator(Replica("second"));
        await cluster.SubmitAsync(new TestJob("seamless").Workers(1));
        await cluster.ReachesAsync("seamless", JobPhase.Running);

        Assert.Contains(second.Log.Lines, static line => line.Contains("second leads", StringComparison.Ordinal));
    }
}
