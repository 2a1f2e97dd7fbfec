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
    public void OfThoseThatStartedTogether_TheLastSubmittedIsStopped()
    {
        Func<Gang, Gang> Submitted(int age) => gang => gang with { SubmittedAt = Cluster.Start - TimeSpan.FromMinutes(age) };
        var pass = new Cluster().Nodes(1).Queue("a", 99).Running("last", ["node-0"], gpus: 4, change: Submitted(20)).Running("first", ["node-0"], gpus: 4, change: Submitted(30)).Gang("new", gpus: 4, priority: 1).Decide();

        Assert.Equal(["last"], Stopped(pass));
    }

    [Fact]
    public void WhereOneOfSeveralMayStay_ItIsTheOneWithMostToLose()
    {
        var pass = new Cluster().Nodes(1).Queue("a", 99).Running("one", ["node-0"], gpus: 2, minutes: 1).Running("two", ["node-0"], gpus: 2, minutes: 5).Running("four", ["node-0"], gpus: 4, minutes: 30).Gang("new", gpus: 6, priority: 1).Decide();

        Assert.Equal(["one", "four"], Stopped(pass));
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

    [Fact]
    public void OfEqualPriority_OnlyTheLaterSubmittedIsStopped_HoweverLateTheOtherStarted() =>
        Assert.Equal(["junior"], Stopped(new Cluster().Nodes(2).Queue("a", 99, change: spec => spec with { WithinQueue = PreemptionPolicy.Any })
            .Running("senior", ["node-0"], gpus: 8, minutes: 1, change: gang => gang with { SubmittedAt = Cluster.Start - TimeSpan.FromHours(2) }).Running("junior", ["node-1"], gpus: 8, minutes: 30).Gang("new", gpus: 8, age: 60).Decide()));

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

    /// <summary>A cohort whose members lend to each other alone takes nothing from its neighbours, so it owes them nothing.</summary>
    [Fact]
    public void WhoBorrowedWithinAnotherCohort_IsLeftAlone() =>
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 8, "org/one").Queue("b", 0, "org/two").Queue("c", 8, "org/two").Running("borrows", ["node-0"], gpus: 8, queue: "b").Gang("new", gpus: 8, priority: 9).Decide().Preempted);

    [Fact]
    public void WhoBorrowedSomethingElse_IsLeftAlone()
    {
        FlavorQuota noCores = Cluster.Quota("gpu", 8) with { Resources = new Dictionary<string, ResourceQuota>(Cluster.Quota("gpu", 8).Resources) { ["cpu"] = new(Cluster.Quantity(0)) } };

        // Cores, of which the new gang asks for none.
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 8, "x").Queue("b", 8, "x", change: spec => spec with { Quotas = [noCores] }).Running("borrows", ["node-0"], gpus: 8, queue: "b")
            .Gang("new", set: set => set with { Requests = new ResourceList([KeyValuePair.Create("nvidia.com/gpu", 8L)]) }).Decide().Preempted);

        // GPUs of another flavor.
        Assert.Empty(new Cluster().Nodes(1).Queue("a", 8, "x", flavor: "own").Queue("b", 0, "x", flavor: "spot").Queue("c", 8, "x", flavor: "spot").Running("borrows", ["node-0"], gpus: 8, queue: "b", flavor: "spot").Gang("new", gpus: 8).Decide().Preempted);
    }

    /// <summary>A queue that counts no pods has lent none, so there are none to take back.</summary>
    [Fact]
    public void WhoBorrowedWhatTheOtherHasNoQuotaOf_IsLeftAlone()
    {
        FlavorQuota onePod = Cluster.Quota("gpu", 8) with { Resources = new Dictionary<string, ResourceQuota>(Cluster.Quota("gpu", 8).Resources) { ["pods"] = new(Cluster.Quantity(1)) } };

        Assert.Empty(new Cluster().Nodes(1).Queue("a", 8, "x").Queue("b", 8, "x", change: spec => spec with { Quotas = [onePod] }).Running("borrows", ["node-0", "node-0"], gpus: 4, queue: "b").Gang("new", gpus: 8).Decide().Preempted);
    }

    /// <summary>"next" will borrow as soon as "going" has gone; that is no reason to stop "own", whose queue keeps within its quota to this day.</summary>
    [Fact]
    public void WhoseQueueIsOnlyGoingToBorrow_IsLeftAlone()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 8, "x").Queue("b", 8, "x").Queue("lender", 8, "x")
            .Running("own", ["node-0"], gpus: 8, queue: "b").Running("going", ["node-1"], gpus: 8, queue: "lender", change: gang => gang with { IsTerminating = true })
            .Gang("next", gpus: 8, queue: "b", priority: 9).Gang("new", gpus: 8, priority: 1).Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo });

        Assert.Equal(WaitReason.PreemptionPending, pass.Waiting.Single(verdict => verdict.GangId == "next").Reason);
        Assert.Empty(pass.Preempted);
    }

    /// <summary>"next" starts, and borrows; were "own" stopped for that, it would take its place back from "next", and so on for ever.</summary>
    [Fact]
    public void WhoseQueueBorrowsForAnotherThatStartsOnlyNow_IsLeftAlone()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 8, "x").Queue("b", 8, "x").Queue("lender", 8, "x")
            .Running("own", ["node-0"], gpus: 8, queue: "b").Gang("next", gpus: 8, queue: "b", priority: 9).Gang("new", gpus: 8, priority: 1).Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo });

        Assert.Equal("next", Assert.Single(pass.Admitted).GangId);
        Assert.Empty(pass.Preempted);
    }

    [Fact]
    public void WhoseQueueWouldFallBelowItsQuota_IsLeftAlone_AndOthersAreLookedAt()
    {
        // Of the two gangs on node-0 only one has borrowed; the whole of node-1 has been.
        var pass = new Cluster().Nodes(2).Queue("a", 8, "x").Queue("b", 4, "x").Queue("c", 0, "x").Queue("lender", 8, "x")
            .Running("b0", ["node-0"], gpus: 4, queue: "b", minutes: 1).Running("b1", ["node-0"], gpus: 4, queue: "b", minutes: 2).Running("c0", ["node-1"], gpus: 8, queue: "c", minutes: 3).Gang("new", gpus: 8).Decide();

        Assert.Equal(["c0"], Stopped(pass));
    }

    [Fact]
    public void WhoWouldBorrowItself_TakesNothingBack()
    {
        // Without "low" its queue would be within its quota, but "low" is not in the way and stays; so the queue borrows more than b does.
        var pass = new Cluster().Nodes(2).Queue("a", 8, "x").Queue("b", 0, "x").Queue("lender", 8, "x")
            .Running("low", ["node-0"], gpus: 2, minutes: 1).Running("keeps", ["node-0"], queue: "b", change: gang => gang with { IsPreemptible = false }).Running("own", ["node-0"], gpus: 5, queue: "lender")
            .Running("borrows", ["node-1"], gpus: 8, queue: "b", minutes: 2).Gang("new", gpus: 8, priority: 1).Decide();

        Assert.Empty(pass.Preempted);
    }

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

    [Theory]
    [InlineData(8, 8, 8, 1)]
    [InlineData(6, 2, 6, 0)]
    public void Borrowers_LeaveTheOtherNoLessThanTheyTake(int large, int small, int asked, int stopped) =>
        Assert.Equal(stopped, new Cluster().Nodes(1, gpus: large + small).Queue("lender", large + small, "x").Queue("a", 0, "x").Queue("b", 0, "x")
            .Running("large", ["node-0"], gpus: large, queue: "b", minutes: 1).Running("small", ["node-0"], gpus: small, queue: "b", minutes: 2).Gang("new", gpus: asked).Decide().Preempted.Count);

    [Theory]
    [InlineData(60, 2)]
    [InlineData(1, 0)]
    public void Fifo_StopsOnlyThoseThatComeAfter(int age, int stopped) =>
        Assert.Equal(stopped, new Cluster().Nodes(1).Queue("a", 8, "x").Queue("b", 4, "x").Running("two", ["node-0"], gpus: 2, queue: "b").Running("five", ["node-0"], gpus: 5, queue: "b").Gang("new", gpus: 8, age: age)
            .Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo }).Preempted.Count);

    [Fact]
    public void WhereSomeoneElseWouldTakeTheRoom_NobodyIsStopped()
    {
        // Once "borrows" is gone, "first" is within its queue's own quota and has its turn before "new", which then lacks a whole node.
        var pass = new Cluster().Nodes(2).Queue("a", 8, "x").Queue("b", 4, "x", change: spec => spec with { WithinQueue = PreemptionPolicy.Never }).Queue("z", 8, weight: 9).Running("borrows", ["node-0"], gpus: 8, queue: "b").Running("low", ["node-1"], gpus: 8, queue: "z")
            .Gang("first", gpus: 4, queue: "b", priority: 1, age: 5).Gang("new", gpus: 8, age: 1).Gang("high", gpus: 8, queue: "z", priority: 1, age: 9).Decide();

        Assert.Equal(["low"], Stopped(pass));
    }

    [Fact]
    public void APassSearchesVictims_ForAsManyAsTheOptionsSay()
    {
        var cluster = new Cluster().Nodes(2).Queue("a", 99).Running("one", ["node-0"], gpus: 8).Running("two", ["node-1"], gpus: 8).Gang("first", gpus: 8, priority: 1, age: 2).Gang("second", gpus: 8, priority: 1, age: 1);

        Assert.Equal(2, cluster.Decide().Preempted.Count);
        Assert.Single(cluster.Decide(new SchedulerOptions { PreemptionAttempts = 1 }).Preempted);
    }

    [Fact]
    public void RoomThatVictimsLeaveOver_IsForTheNext()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 99).Running("one", ["node-0"], gpus: 4, minutes: 1).Running("two", ["node-0"], gpus: 4, minutes: 2).Running("three", ["node-1"], gpus: 8, minutes: 3)
            .Gang("first", gpus: 6, priority: 1, age: 2).Gang("second", gpus: 2, priority: 1, age: 1).Decide();

        Assert.Equal(["one", "two"], Stopped(pass));
        Assert.All(pass.Waiting, verdict => Assert.Equal(WaitReason.PreemptionPending, verdict.Reason));
    }

    [Fact]
    public void RoomThatIsTakenNow_IsNotFreeSoon()
    {
        // "small" starts on node-2; so node-0, which becomes free, is not enough for "pair".
        Func<Gang, Gang> brief = gang => gang with { ExpectedRunTime = TimeSpan.FromMinutes(10) };
        var pass = new Cluster().Nodes(3).Queue("a", 99).Running("going", ["node-0"], gpus: 8, change: gang => gang with { IsTerminating = true }).Running("stays", ["node-1"], gpus: 8, minutes: 0, runsMinutes: 60)
            .Gang("head", pods: 3, gpus: 8, age: 9).Gang("small", gpus: 8, age: 8, change: brief).Gang("pair", pods: 2, gpus: 8, age: 7, change: brief).Decide();

        Assert.Equal("small", Assert.Single(pass.Admitted).GangId);
        Assert.Equal(WaitReason.NoNodeFits, pass.Waiting.Single(verdict => verdict.GangId == "pair").Reason);
    }

    [Fact]
    public void GangsThatAreBeingStopped_HelpThoseForWhomOthersAreStopped() =>
        Assert.Equal(["low"], Stopped(new Cluster().Nodes(2).Queue("a", 99).Running("going", ["node-0"], gpus: 8, change: gang => gang with { IsTerminating = true }).Running("low", ["node-1"], gpus: 8).Gang("new", pods: 2, gpus: 8, priority: 1).Decide()));

    [Fact]
    public void GangsThatAreBeingStopped_GiveTheirQuotaBackOnce() =>
        Assert.Equal(["borrows"], Stopped(new Cluster().Nodes(2).Queue("a", 8, "x").Queue("b", 4, "x").Queue("lender", 8, "x").Running("going", ["node-0"], gpus: 4, queue: "b", minutes: 1, change: gang => gang with { IsTerminating = true }).Running("own", ["node-0"], gpus: 4, queue: "lender")
            .Running("borrows", ["node-1"], gpus: 8, queue: "b").Gang("new", gpus: 8).Decide()));

    [Fact]
    public void GangsThatAreBeingStopped_AreRoomSoon_AndNobodyElseIsStopped()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 99).Running("going", ["node-0"], gpus: 8, change: gang => gang with { IsTerminating = true }).Running("low", ["node-1"], gpus: 8)
            .Gang("new", gpus: 8, priority: 1, age: 2).Gang("small", priority: 0, age: 1).Decide();

        Assert.Empty(pass.Preempted);
        Assert.Empty(pass.Admitted);
        var verdict = pass.Waiting.Single(verdict => verdict.GangId == "new");
        Assert.Equal((WaitReason.PreemptionPending, Cluster.Start), (verdict.Reason, verdict.EarliestStart));
    }

    /// <summary>If it counted, "mine" would seem to borrow while the one that was stopped for it is still on its way out, and "other" would get the room.</summary>
    [Fact]
    public void GangsThatAreBeingStopped_CountNoMoreWhenTurnsAreGiven()
    {
        var pass = new Cluster().Nodes(1).Queue("a", 8, "x").Queue("b", 0, "x").Queue("lender", 8, "x").Running("going", ["node-0"], gpus: 8, change: gang => gang with { IsTerminating = true })
            .Gang("mine", gpus: 8, priority: 1, age: 1).Gang("other", gpus: 8, queue: "b", age: 5).Decide();

        Assert.Equal("mine", Assert.Single(pass.Waiting, verdict => verdict.Reason == WaitReason.PreemptionPending).GangId);
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
