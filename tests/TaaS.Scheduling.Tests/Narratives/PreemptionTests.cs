using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Narratives;

/// <summary>Who is stopped for whom, and who is not.</summary>
public sealed class PreemptionTests
{
    [Fact]
    public void Victims_AreThoseOfLowestPriorityThatStartedLast()
    {
        var pass = Full(["old", "young", "urgent", "mine"], [0, 0, 1, 0]).Gang("new", gpus: 2, priority: 2).Decide();

        Assert.Equal(["young"], Stopped(pass));
        Assert.Equal(PreemptionCause.Priority, pass.Preempted[0].Cause);
        Assert.Equal("stopped for team/new, which stands before it in queue a (priority 2, here 0); it waits for its next turn", pass.Preempted[0].Message);
    }

    [Fact]
    public void OnlyAsManyAsNeeded_AndThoseThatAreInTheWay()
    {
        // Two whole nodes of small gangs: stopping all of one node does, not the four youngest of both.
        var cluster = new Cluster().Nodes(2).Queue("a", 99);
        for (var index = 0; index < 8; index++)
        {
            cluster.Running($"r{index}", [$"node-{index % 2}"], gpus: 2, minutes: 10 + index);
        }

        var pass = cluster.Gang("new", gpus: 8, priority: 1).Decide();

        Assert.Equal(4, pass.Preempted.Count);
        Assert.Single(pass.Preempted.Select(preemption => int.Parse(preemption.GangId[1..], System.Globalization.CultureInfo.InvariantCulture) % 2).Distinct());
    }

    [Fact]
    public void NobodyIsStoppedInVain() =>
        Assert.Empty(new Cluster().Nodes(2).Queue("a", 99).Running("low", ["node-0"], gpus: 8).Running("high", ["node-1"], gpus: 8, priority: 9).Gang("new", pods: 2, gpus: 8, priority: 5).Decide().Preempted);

    [Theory]
    [InlineData(PreemptionPolicy.Never, 5, 0)]
    [InlineData(PreemptionPolicy.LowerPriority, 5, 1)]
    [InlineData(PreemptionPolicy.LowerPriority, 0, 0)]
    [InlineData(PreemptionPolicy.Any, 0, 1)]
    [InlineData(PreemptionPolicy.Any, -1, 0)]
    public void WithinAQueue_ItsPolicyDecides(PreemptionPolicy policy, int priority, int stopped) =>
        Assert.Equal(stopped, new Cluster().Nodes(1).Queue("a", 99, change: spec => spec with { WithinQueue = policy }).Running("old", ["node-0"], gpus: 8, minutes: 1).Gang("new", gpus: 8, priority: priority, age: 5).Decide().Preempted.Count);

    [Theory]
    [InlineData(PreemptionPolicy.Never, 5, 0)]
    [InlineData(PreemptionPolicy.LowerPriority, 5, 1)]
    [InlineData(PreemptionPolicy.LowerPriority, 0, 0)]
    [InlineData(PreemptionPolicy.Any, 0, 1)]
    public void OwnQuota_IsTakenBackFromThoseWhoBorrowed(PreemptionPolicy policy, int priority, int stopped)
    {
        var pass = new Cluster().Nodes(1).Queue("a", 4, "x", change: spec => spec with { ReclaimWithinCohort = policy }).Queue("b", 4, "x").Running("borrows", ["node-0"], gpus: 8, queue: "b").Gang("new", gpus: 4, priority: priority).Decide();

        Assert.Equal(stopped, pass.Preempted.Count);
        Assert.All(pass.Preempted, preemption => Assert.Equal((PreemptionCause.Reclaim, "stopped for team/new: queue b had borrowed quota that queue a takes back; it waits for its next turn"), (preemption.Cause, preemption.Message)));
    }

    [Fact]
    public void WhoKeepsWithinNominalQuota_IsLeftAlone() =>
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 8, "x").Queue("b", 8, "x").Running("own", ["node-0"], gpus: 8, queue: "b").Gang("new", gpus: 8, priority: 9).Decide().Preempted);

    [Fact]
    public void QueuesOfOtherCohorts_AreLeftAlone() =>
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 8, "x").Queue("b", 0, "y").Queue("c", 8, "y").Running("borrows", ["node-0"], gpus: 8, queue: "b").Gang("new", gpus: 8, priority: 9).Decide().Preempted);

    [Fact]
    public void WhoMayNotBeStopped_IsNot() =>
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 8).Running("old", ["node-0"], gpus: 8, change: gang => gang with { IsPreemptible = false }).Gang("new", gpus: 8, priority: 9).Decide().Preempted);

    [Fact]
    public void Borrowers_TakeFromThoseWhoBorrowedMore_UpToTheirFairShare()
    {
        var cluster = new Cluster().Nodes(2).Queue("lender", 16, "x").Queue("a", 0, "x").Queue("b", 0, "x");
        for (var index = 0; index < 8; index++)
        {
            cluster.Running($"b{index}", [$"node-{index / 4}"], gpus: 2, queue: "b", minutes: 10 + index);
        }

        var pass = cluster.Gang("fair", gpus: 2, queue: "a", age: 1).Gang("unfair", pods: 5, gpus: 2, queue: "a").Decide();

        Assert.Equal(["b0"], Stopped(pass));
        Assert.Equal(PreemptionCause.FairShare, pass.Preempted[0].Cause);
        Assert.Empty(cluster.Decide(new SchedulerOptions { FairSharePreemption = false }).Preempted);
        Assert.Empty(cluster.Decide(new SchedulerOptions { Preemption = false }).Preempted);
        Assert.Empty(cluster.Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo }).Preempted);
    }

    [Fact]
    public void GangsThatAreBeingStopped_AreRoomSoon_AndNobodyElseIsStopped()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 99).Running("going", ["node-0"], gpus: 8, change: gang => gang with { IsTerminating = true }).Running("low", ["node-1"], gpus: 8)
            .Gang("new", gpus: 8, priority: 1, age: 2).Gang("small", priority: 0, age: 1).Decide();

        Assert.Empty(pass.Preempted);
        Assert.Empty(pass.Admitted);
        Assert.Equal(WaitReason.PreemptionPending, pass.Waiting.Single(verdict => verdict.GangId == "new").Reason);
    }

    [Fact]
    public void RoomThatBecomesFree_IsKeptForTheOneOthersWereStoppedFor()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 99).Running("going", ["node-0"], gpus: 8, change: gang => gang with { IsTerminating = true }).Gang("head", pods: 2, gpus: 8, priority: 2).Gang("sneaks", gpus: 4, priority: 1).Decide();

        Assert.Empty(pass.Admitted);
        Assert.Equal([WaitReason.PreemptionPending, WaitReason.BehindReservation], pass.Waiting.Select(verdict => verdict.Reason));
    }

    private static Cluster Full(string[] names, int[] priorities)
    {
        var cluster = new Cluster().Nodes(1).Queue("a", 99);
        for (var index = 0; index < names.Length; index++)
        {
            cluster.Running(names[index], ["node-0"], gpus: 2, priority: priorities[index], minutes: names[index] == "young" ? 1 : 60);
        }

        return cluster;
    }

    private static string[] Stopped(SchedulingPass pass) => [.. pass.Preempted.Select(preemption => preemption.GangId)];
}
