using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Narratives;

/// <summary>Every reason a gang can wait for, with the sentence its owner reads.</summary>
public sealed class ReasonTests
{
    [Fact]
    public void QuotaInUse_WaitsForQuota()
    {
        var verdict = One(new Cluster().Nodes(4).Queue("a", 8).Running("old", ["node-0", "node-0", "node-0"]).Gang("new", pods: 6));

        Assert.Equal(WaitReason.WaitingForQuota, verdict.Reason);
        Assert.Equal("queue a has 5 nvidia.com/gpu of flavor gpu left, borrowing included; the job asks for 6", verdict.Message);
        Assert.Equal(1, verdict.Position);
    }

    [Fact]
    public void MoreThanTheQueueMayEverUse_IsRefused()
    {
        var verdict = One(new Cluster().Nodes(4).Queue("a", 8, cohort: "x", borrow: 4).Queue("b", 16, cohort: "x").Gang("new", pods: 13));

        Assert.Equal(WaitReason.ExceedsMaxQuota, verdict.Reason);
        Assert.True(verdict.IsFinal);
        Assert.Equal("role worker asks for 13 nvidia.com/gpu; queue a may never use more than 12 of flavor gpu, borrowing included", verdict.Message);
        Assert.Equal(0, verdict.Position);
    }

    [Fact]
    public void ResourceWithoutQuota_IsRefused()
    {
        var verdict = One(new Cluster().Nodes(1).Queue("a", 8).Gang("new", set: set => set with { Requests = set.Requests.Plus(new ResourceList([KeyValuePair.Create("nvidia.com/mig-1g.5gb", 1L)])) }));

        Assert.Equal(WaitReason.ExceedsMaxQuota, verdict.Reason);
        Assert.Contains("asks for nvidia.com/mig-1g.5gb, of which queue a has no quota in flavor gpu", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoRoomNow_CountsTheNodesByCause()
    {
        var cluster = new Cluster()
            .Nodes(2, prefix: "full").Nodes(1, prefix: "cordoned", change: node => node with { IsUnschedulable = true }).Nodes(1, prefix: "lost", change: node => node with { IsReady = false })
            .Nodes(2, prefix: "infra", change: node => node with { Taints = [new Taint("dedicated", "infra", Taint.NoSchedule)] })
            .Nodes(1, prefix: "bad").Nodes(3, prefix: "old", change: node => node with { Labels = new Dictionary<string, string> { ["nvidia.com/gpu.product"] = "Tesla-K80" } })
            .Queue("a", 99).Running("one", ["full-0", "full-0", "full-0", "full-0"]).Running("two", ["full-1"], gpus: 8)
            .Gang("new", pods: 1, gpus: 8, change: gang => gang with { ExcludedNodes = new HashSet<string> { "bad-0" } }, set: set => set with { Affinity = new NodeAffinity([new NodeSelectorTerm([new NodeRequirement("nvidia.com/gpu.product", "DoesNotExist", [])], [])], []) });

        var verdict = One(cluster);

        Assert.Equal(WaitReason.NoNodeFits, verdict.Reason);
        Assert.Equal(
            new Dictionary<string, int> { ["insufficient nvidia.com/gpu"] = 2, ["unschedulable"] = 1, ["not ready"] = 1, ["taint dedicated=infra:NoSchedule"] = 2, ["excluded after a failure"] = 1, ["node affinity"] = 3 },
            verdict.NodesByCause);
        Assert.Equal(
            "role worker needs room for 1 pod of 8 nvidia.com/gpu, 1 cpu, 1Gi memory at once, 0 would fit now; of 10 nodes 3 node affinity, 2 insufficient nvidia.com/gpu, 2 taint dedicated=infra:NoSchedule, 1 excluded after a failure, 1 not ready, 1 unschedulable",
            verdict.Message);
    }

    [Fact]
    public void NoRoomEvenWhenEmpty_IsRefused()
    {
        var verdict = One(new Cluster().Nodes(4).Queue("a", 99).Gang("new", pods: 5, gpus: 8));

        Assert.Equal(WaitReason.NeverFits, verdict.Reason);
        Assert.True(verdict.IsFinal);
        Assert.Contains("needs room for 5 pods of 8 nvidia.com/gpu, 1 cpu, 1Gi memory; with no other load at all the cluster's nodes of flavor gpu have room for 4", verdict.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RolesThatTogetherNeverFit_AreRefused()
    {
        Func<Gang, Gang> And(string? key) => gang => gang with { PodSets = [gang.PodSets[0], gang.PodSets[0] with { Role = "evaluator", Count = 1, MinCount = 1 }], TopologyKey = key, IsTopologyRequired = key is not null };

        Assert.Equal((WaitReason.NeverFits, "its roles together ask for more than the cluster's nodes offer, even with no other load at all"), Said(new Cluster().Nodes(2).Queue("a", 99).Gang("new", pods: 2, gpus: 8, change: And(null))));
        Assert.Equal((WaitReason.NeverFits, "no rack has room for all its pods, even with no other load at all"),
            Said(new Cluster().Nodes(4, change: node => node with { Labels = new Dictionary<string, string> { ["rack"] = node.Name is "node-0" or "node-1" ? "r0" : "r1" } }).Queue("a", 99).Gang("new", pods: 2, gpus: 8, change: And("rack"))));
    }

    /// <summary>Only the last of the mixes would do, and not all are looked at; what was not is no proof.</summary>
    [Fact]
    public void MoreMixesOfFlavorsThanAreLookedAt_RefuseNobody()
    {
        PodSet Role(int index, int gpus, string? flavor) => new() { Role = $"role-{index}", Count = 1, MinCount = 1, Requests = Cluster.Resources(gpus, 1, 1), Flavor = flavor };
        var verdict = One(new Cluster().Nodes(4).Flavor("one").Flavor("two").Queue("a", 0, flavor: "one", change: spec => spec with { Quotas = [Cluster.Quota("one", 2), Cluster.Quota("two", 2)] })
            .Gang("new", change: gang => gang with { PodSets = [Role(0, 2, null), Role(1, 1, "one"), .. Enumerable.Range(2, 12).Select(index => Role(index, 0, null))] }));

        Assert.False(verdict.IsFinal, verdict.ToString());
    }

    [Fact]
    public void OtherProduct_NeverFits_HoweverAlikeTheName()
    {
        var cluster = new Cluster().Nodes(4, change: node => node with { Labels = new Dictionary<string, string> { ["nvidia.com/gpu.product"] = "NVIDIA-H200-MIG-1g.18gb" } }).Queue("a", 99)
            .Gang("new", set: set => set with { NodeSelector = new Dictionary<string, string> { ["nvidia.com/gpu.product"] = "NVIDIA-H200" } });

        Assert.Equal(WaitReason.NeverFits, One(cluster).Reason);
    }

    [Theory]
    [InlineData(Taint.NoSchedule)]
    [InlineData(Taint.NoExecute)]
    public void TaintThatLasts_KeepsPodsOff_UnlessTheyPutUpWithIt(string effect)
    {
        Cluster Tainted() => new Cluster().Nodes(1, change: node => node with { Taints = [new Taint("dedicated", "infra", effect)] }).Queue("a", 99);

        Assert.Equal(WaitReason.NeverFits, One(Tainted().Gang("new")).Reason);
        Assert.Single(Tainted().Gang("new", set: set => set with { Tolerations = [new Toleration("dedicated", "Exists")] }).Decide().Admitted);
    }

    [Fact]
    public void NodesOutOfOrder_AreNoReasonToRefuse()
    {
        var verdict = One(new Cluster().Nodes(4, change: node => node with { IsReady = false, Taints = [new Taint("node.kubernetes.io/not-ready", "", Taint.NoExecute)] }).Queue("a", 99).Gang("new"));

        Assert.Equal(WaitReason.NoNodeFits, verdict.Reason);
        Assert.Equal(4, verdict.NodesByCause["not ready"]);
    }

    [Fact]
    public void ClusterWithoutNodes_RefusesNobody()
    {
        var verdict = One(new Cluster().Queue("a", 99).Gang("new"));

        Assert.Equal((WaitReason.NoNodeFits, "the cluster has no nodes"), (verdict.Reason, verdict.Message));
        Assert.Equal(WaitReason.NoNodeFits, One(new Cluster().Queue("a", 99).Gang("new", change: gang => gang with { PodSets = [gang.PodSets[0], gang.PodSets[0] with { Role = "evaluator" }] })).Reason);
    }

    [Fact]
    public void OthersBeingStopped_IsPending()
    {
        var pass = new Cluster().Nodes(1).Queue("a", 8).Running("old", ["node-0"], gpus: 8).Gang("new", gpus: 8, priority: 1).Decide();

        Assert.Equal("old", Assert.Single(pass.Preempted).GangId);
        var verdict = Assert.Single(pass.Waiting);
        Assert.Equal((WaitReason.PreemptionPending, "it starts when team/old has been stopped for it"), (verdict.Reason, verdict.Message));
        Assert.Equal(Cluster.Start, verdict.EarliestStart);
    }

    [Fact]
    public void WouldDelayTheHead_IsBehindItsReservation()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 99).Running("old", ["node-0"], gpus: 8, minutes: 0, runsMinutes: 60)
            .Gang("head", pods: 2, gpus: 8, age: 9)
            .Gang("long", gpus: 8, age: 5, change: gang => gang with { ExpectedRunTime = TimeSpan.FromMinutes(61) })
            .Gang("short", gpus: 8, age: 1, change: gang => gang with { ExpectedRunTime = TimeSpan.FromMinutes(60) }).Decide();

        var admission = Assert.Single(pass.Admitted);
        Assert.Equal(("short", true), (admission.GangId, admission.IsBackfill));
        Assert.Equal(["head", "long"], pass.Waiting.Select(verdict => verdict.GangId));
        Assert.Equal(Cluster.Start + TimeSpan.FromMinutes(60), pass.Waiting[0].EarliestStart);
        Assert.Equal(WaitReason.BehindReservation, pass.Waiting[1].Reason);
        Assert.Contains("would delay team/head", pass.Waiting[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public void StrictOrder_KeepsEveryoneBehindTheHead()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 99).Queue("b", 99).Running("old", ["node-0"], gpus: 8).Gang("head", pods: 2, gpus: 8, age: 9).Gang("small", queue: "b", age: 1).Decide(new SchedulerOptions { Backfill = false, Policy = QueueingPolicy.Fifo });

        Assert.Empty(pass.Admitted);
        Assert.Equal(WaitReason.InLine, pass.Waiting.Single(verdict => verdict.GangId == "small").Reason);
    }

    [Fact]
    public void StrictOrder_BehindOneThatWaitsForNodesOutOfOrder_KeepsNobody() =>
        Assert.Equal("small", Assert.Single(new Cluster().Nodes(1).Nodes(1, prefix: "lost", change: node => node with { IsReady = false }).Queue("a", 99).Gang("head", pods: 2, gpus: 8, age: 9).Gang("small", age: 1)
            .Decide(new SchedulerOptions { Backfill = false }).Admitted).GangId);

    [Fact]
    public void StrictOrder_BehindOneThatWaitsForQuota_KeepsItsQueueAlone()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 8).Queue("b", 8).Running("old", ["node-0"], gpus: 8).Gang("head", age: 9).Gang("same", gpus: 0, age: 8).Gang("other", queue: "b").Decide(new SchedulerOptions { Backfill = false, Policy = QueueingPolicy.Fifo });

        Assert.Equal("other", Assert.Single(pass.Admitted).GangId);
        Assert.Equal([WaitReason.WaitingForQuota, WaitReason.InLine], pass.Waiting.Select(verdict => verdict.Reason));
    }

    [Fact]
    public void Positions_AreTheOrderOfTheQueue() =>
        Assert.Equal([("urgent", 1), ("old", 2), ("young", 3)], new Cluster().Nodes(1).Queue("a", 99).Running("full", ["node-0"], gpus: 8, priority: 9).Gang("young", age: 1).Gang("old", age: 9).Gang("urgent", priority: 1).Decide().Waiting.Select(verdict => (verdict.GangId, verdict.Position)));

    [Fact]
    public void MoreThanAPassTries_StandInLine()
    {
        var pass = new Cluster().Nodes(1).Queue("a", 99).Gang("one", age: 2).Gang("two", age: 1).Decide(new SchedulerOptions { GangsTried = 1 });

        Assert.Equal("one", Assert.Single(pass.Admitted).GangId);
        Assert.Equal(WaitReason.InLine, Assert.Single(pass.Waiting).Reason);
    }

    [Fact]
    public void PauseAfterAFailure_IsBackingOff()
    {
        var verdict = One(new Cluster().Nodes(1).Queue("a", 8).Gang("new", change: gang => gang with { NotBefore = Cluster.Start + TimeSpan.FromMinutes(2) }));

        Assert.Equal((WaitReason.BackingOff, "the pause after its last attempt ends at 2026-01-01 00:02:00 UTC"), (verdict.Reason, verdict.Message));
        Assert.Equal(Cluster.Start + TimeSpan.FromMinutes(2), verdict.EarliestStart);
        Assert.Equal(0, verdict.Position);
    }

    [Fact]
    public void PauseThatIsOver_IsNoReason() =>
        Assert.Single(new Cluster().Nodes(1).Queue("a", 8).Gang("new", change: gang => gang with { NotBefore = Cluster.Start }).Decide().Admitted);

    [Fact]
    public void QueueOnHold_TakesNothingIn()
    {
        var verdict = One(new Cluster().Nodes(1).Queue("a", 8, change: spec => spec with { Hold = true }).Gang("new"));

        Assert.Equal((WaitReason.QueueOnHold, "queue a is on hold and takes nothing in", 0), (verdict.Reason, verdict.Message, verdict.Position));
    }

    [Theory]
    [InlineData("bob", "other", "", "user bob (namespace other) may not use queue a; its allowedUsers name neither the user, nor a group, nor the namespace")]
    [InlineData(null, "other", "", "namespace other, whose user is not known, may not use queue a; its allowedUsers name neither the user, nor a group, nor the namespace")]
    [InlineData("alice", "other", "", null)]
    [InlineData("bob", "other", "vision", null)]
    [InlineData(null, "team-a", "", null)]
    public void AllowedUsers_AreUsersGroupsAndNamespaces(string? user, string space, string group, string? message)
    {
        var pass = new Cluster().Nodes(1).Queue("a", 8, change: spec => spec with { AllowedUsers = ["alice", "group:vision", "namespace:team-a"] })
            .Gang("new", change: gang => gang with { Submitter = new Submitter(space, user, [group]) }).Decide();

        Assert.Equal(message, pass.Waiting.SingleOrDefault()?.Message);
        Assert.Equal(message is null ? null : WaitReason.Misconfigured, pass.Waiting.SingleOrDefault()?.Reason);
    }

    [Fact]
    public void MissingQueueFlavorOrPods_AreMisconfigured()
    {
        Assert.Equal((WaitReason.Misconfigured, "queue b does not exist; create it or name another"), Said(new Cluster().Queue("a", 1).Gang("new", queue: "b")));
        Assert.Equal((WaitReason.Misconfigured, "role worker: flavor none does not exist"), Said(new Cluster().Queue("a", 1).Gang("new", set: set => set with { Flavor = "none" })));
        Assert.Equal((WaitReason.Misconfigured, "role worker: queue a has no quota for flavor other; it has gpu"), Said(new Cluster().Queue("a", 1).Flavor("other").Gang("new", set: set => set with { Flavor = "other" })));
        Assert.Equal((WaitReason.Misconfigured, "queue a has no quota at all"), Said(new Cluster().Queue("a", 1, change: spec => spec with { Quotas = [] }).Gang("new")));
        Assert.Equal((WaitReason.Misconfigured, "none of the flavors of queue a exists: ghost"), Said(new Cluster().Queue("a", 1, change: spec => spec with { Quotas = [Cluster.Quota("ghost", 1)] }).Gang("new")));
        Assert.Equal((WaitReason.Misconfigured, "no role has any pods; give one a count of at least 1"), Said(new Cluster().Queue("a", 1).Gang("new", pods: 0)));
        Assert.True(One(new Cluster().Queue("a", 1).Gang("new", queue: "b")).IsFinal);
    }

    [Fact]
    public void PodsOfTheLastAttempt_AreWaitedFor() =>
        Assert.Equal((WaitReason.BackingOff, "its pods of the last attempt are still being stopped"), Said(new Cluster().Nodes(1).Queue("a", 8).Gang("new", change: gang => gang with { IsTerminating = true })));

    private static Verdict One(Cluster cluster) => cluster.Decide().Waiting.Single(verdict => verdict.GangId == "new");

    private static (WaitReason Reason, string Message) Said(Cluster cluster) => One(cluster) is var verdict ? (verdict.Reason, verdict.Message) : default;
}
