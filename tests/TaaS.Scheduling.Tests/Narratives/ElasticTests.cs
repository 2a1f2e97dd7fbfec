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
    public void Gang_StartsWithOnePodAtLeast()
    {
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 99).Running("old", ["node-0"], gpus: 8).Gang("new", pods: 8, set: set => set with { MinCount = 0 }).Decide().Admitted);
        Assert.Equal(1, Pods(new Cluster().Nodes(1).Queue("a", 99).Running("old", ["node-0"], gpus: 7).Gang("new", pods: 8, set: set => set with { MinCount = 0 })));
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
    public void RunningGang_GrowsInTheFlavorThatItHas()
    {
        Func<Node, Node> Of(string kind) => node => node with { Labels = new Dictionary<string, string> { ["kind"] = kind } };
        Func<ResourceFlavorSpec, ResourceFlavorSpec> Kind(string kind) => spec => spec with { NodeLabels = new Dictionary<string, string> { ["kind"] = kind } };
        var pass = new Cluster().Nodes(1, prefix: "spot", change: Of("spot")).Nodes(1, prefix: "own", change: Of("own")).Flavor("spot", Kind("spot")).Flavor("own", Kind("own"))
            .Queue("a", 8, flavor: "spot", change: spec => spec with { Quotas = [Cluster.Quota("spot", 8), Cluster.Quota("own", 8)] }).Running("old", ["own-0"], flavor: "own", set: set => set with { Count = 4 }).Decide();

        Assert.All(Assert.Single(pass.Admitted).Placement.Pods, pod => Assert.Equal(("own-0", "own"), (pod.Node, pod.Flavor)));
    }

    [Fact]
    public void LastRoom_GoesToTheGangOfHighestPriority() =>
        Assert.Equal("urgent", Assert.Single(new Cluster().Nodes(1, gpus: 3).Queue("a", 99).Running("old", ["node-0"], minutes: 60, set: set => set with { Count = 4 }).Running("urgent", ["node-0"], priority: 1, set: set => set with { Count = 4 }).Decide().Admitted).GangId);

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
    public void Growth_LeavesWhatRelativesBorrowed() =>
        Assert.Equal(4, Pods(new Cluster().Nodes(2).Queue("a", 8, "x").Queue("b", 0, "x").Running("borrows", ["node-1"], gpus: 4, queue: "b").Running("old", ["node-0"], set: set => set with { Count = 8 })));

    [Fact]
    public void Growth_LeavesTheQuotaThatTheHeadWaitsFor()
    {
        // 2 of 8 are left now, and the head is to have all that "ends" gives back as well.
        Cluster Busy() => new Cluster().Nodes(4).Queue("a", 8).Running("elastic", ["node-0", "node-0"], set: set => set with { Count = 8 }).Running("ends", ["node-1"], gpus: 4, minutes: 0, runsMinutes: 60);

        Assert.Empty(Busy().Gang("head", pods: 6).Decide().Admitted);
        Assert.Equal(3, Pods(Busy().Gang("head", pods: 5)));
    }

    [Fact]
    public void StrictOrder_LetsNobodyGrowWhileSomeoneWaits()
    {
        Cluster Busy() => new Cluster().Nodes(1).Queue("a", 99).Running("elastic", ["node-0"], set: set => set with { Count = 8 });

        Assert.Empty(Busy().Gang("head", pods: 8).Decide(new SchedulerOptions { Backfill = false }).Admitted);
        Assert.Single(Busy().Decide(new SchedulerOptions { Backfill = false }).Admitted);
    }

    [Fact]
    public void GangThatIsStoppedForAnother_DoesNotGrow()
    {
        var pass = new Cluster().Nodes(1).Queue("a", 99).Running("elastic", ["node-0", "node-0", "node-0", "node-0"], set: set => set with { Count = 8 }).Gang("new", gpus: 6, priority: 1).Decide();

        Assert.Equal("elastic", Assert.Single(pass.Preempted).GangId);
        Assert.Empty(pass.Admitted);
    }

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
