using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Narratives;

/// <summary>Gangs that start with fewer pods than they would like, and grow.</summary>
public sealed class ElasticTests
{
    [Fact]
    public void Gang_StartsWithWhatThereIs_FromItsLeast()
    {
        Assert.Equal(5, Pods(new Cluster().Nodes(1).Queue("a", 99).Running("old", ["node-0"], gpus: 3).Gang("new", pods: 8, set: set => set with { MinCount = 2 })));
        Assert.Equal(8, Pods(new Cluster().Nodes(1).Queue("a", 99).Gang("new", pods: 8, set: set => set with { MinCount = 2 })));
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 99).Running("old", ["node-0"], gpus: 7).Gang("new", pods: 8, set: set => set with { MinCount = 2 }).Decide().Admitted);
    }

    [Fact]
    public void EveryLeast_GoesBeforeAnyMore() =>
        Assert.Equal(["first", "second"], new Cluster().Nodes(1).Queue("a", 99).Gang("first", pods: 8, age: 2, set: set => set with { MinCount = 4 }).Gang("second", pods: 4, age: 1).Decide().Admitted.Select(admission => admission.GangId));

    [Fact]
    public void RunningGang_GrowsNearItsPods_WhichStayWhereTheyAre()
    {
        var pass = new Cluster().Nodes(3).Queue("a", 99).Running("old", ["node-2", "node-2"], set: set => set with { Count = 5 }).Decide();

        var admission = Assert.Single(pass.Admitted);
        Assert.Equal([("worker", 0), ("worker", 1), ("worker", 2), ("worker", 3), ("worker", 4)], admission.Placement.Pods.Select(pod => (pod.Role, pod.Index)));
        Assert.All(admission.Placement.Pods, pod => Assert.Equal("node-2", pod.Node));
    }

    [Fact]
    public void LostPod_ComesBackUnderItsIndex() =>
        Assert.Equal([0, 1, 2], Assert.Single(new Cluster().Nodes(2).Queue("a", 99).Running("old", ["node-0", "node-0"], set: set => set with { Count = 3, MinCount = 1 }, change: gang => gang with
        {
            Placement = new Placement([new("worker", 0, "node-0", "gpu"), new("worker", 2, "node-0", "gpu")]),
        }).Decide().Admitted).Placement.Pods.Select(pod => pod.Index));

    [Fact]
    public void Growth_DoesNotBorrow() =>
        Assert.Equal(4, Pods(new Cluster().Nodes(2).Queue("a", 4, "x").Queue("b", 8, "x").Gang("new", pods: 8, set: set => set with { MinCount = 2 })));

    [Fact]
    public void Growth_LeavesWhatTheHeadWaitsFor() =>
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 99).Running("elastic", ["node-0"], set: set => set with { Count = 8, MinCount = 1 }, runsMinutes: null).Running("old", ["node-0"], gpus: 3, minutes: 1, runsMinutes: 60)
            .Gang("head", pods: 7, gpus: 1).Decide().Admitted);

    [Fact]
    public void Growth_StaysInARequiredDomain() =>
        Assert.Equal(8, Pods(new Cluster().Nodes(2, change: node => node with { Labels = new Dictionary<string, string> { ["rack"] = node.Name } }).Queue("a", 99)
            .Running("old", ["node-1", "node-1"], set: set => set with { Count = 12, MinCount = 1 }, change: gang => gang with { TopologyKey = "rack", IsTopologyRequired = true })));

    [Fact]
    public void StoppedOrHeld_DoesNotGrow()
    {
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 99).Running("old", ["node-0"], set: set => set with { Count = 2 }, change: gang => gang with { IsTerminating = true }).Decide().Admitted);
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 99, change: spec => spec with { Hold = true }).Running("old", ["node-0"], set: set => set with { Count = 2 }).Decide().Admitted);
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 99).Running("old", ["node-0"], set: set => set with { Count = 2 }).Decide(new SchedulerOptions { ElasticGrowth = false }).Admitted);
    }

    private static int Pods(Cluster cluster) => Assert.Single(cluster.Decide().Admitted).Placement.Pods.Count;
}
