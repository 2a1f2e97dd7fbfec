using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Narratives;

/// <summary>Who may overtake a gang that waits. A node of the cluster has 8 GPUs; the head wants two whole ones, of which one is in use for an hour.</summary>
public sealed class BackfillTests
{
    [Fact]
    public void WhoEndsInTime_Overtakes() => Assert.Equal(["new"], Admitted(Waiting(60).Gang("new", gpus: 8, change: Runs(60))));

    [Fact]
    public void WhoDoesNot_Waits()
    {
        Assert.Empty(Admitted(Waiting(60).Gang("new", gpus: 8, change: Runs(61))));
        Assert.Empty(Admitted(Waiting(60).Gang("new", gpus: 8)));
    }

    [Fact]
    public void WhoUsesWhatTheHeadLeaves_Overtakes() =>
        Assert.Equal(["new"], Admitted(new Cluster().Nodes(3).Queue("a", 99).Running("old", ["node-0", "node-1"], gpus: 8, minutes: 0, runsMinutes: 60).Gang("head", pods: 2, gpus: 8, age: 9).Gang("new", gpus: 8, age: 1).Gang("late", gpus: 8)));

    [Fact]
    public void WhatTheHeadLeaves_IsThereOnce() =>
        Assert.Equal(["new"], Admitted(new Cluster().Nodes(1, gpus: 16).Queue("a", 99).Running("old", ["node-0"], gpus: 8, minutes: 0, runsMinutes: 60).Gang("head", gpus: 12, age: 9).Gang("new", gpus: 4, age: 1).Gang("late", gpus: 4)));

    [Fact]
    public void WithoutKnownRunTimes_TheHeadKeepsItsNodes()
    {
        var pass = Waiting(null).Gang("new", gpus: 8, change: Runs(1)).Decide();

        Assert.Empty(pass.Admitted);
        Assert.Null(pass.Waiting.Single(verdict => verdict.GangId == "head").EarliestStart);
    }

    [Fact]
    public void WaitingForQuotaForAnUnknownTime_HoldsNoNodesBack()
    {
        // The head of queue a waits until a gang of its own queue ends; meanwhile its nodes are for queue b.
        var pass = new Cluster().Nodes(2).Queue("a", 8).Queue("b", 8).Running("old", ["node-1"], gpus: 8).Gang("head", gpus: 8, age: 9).Gang("new", gpus: 8, queue: "b").Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo });

        Assert.Equal("new", Assert.Single(pass.Admitted).GangId);
        Assert.Equal(WaitReason.WaitingForQuota, Assert.Single(pass.Waiting).Reason);
    }

    [Theory]
    [InlineData(60, true)]
    [InlineData(61, false)]
    public void WaitingForQuotaUntilAKnownTime_KeepsItsNodesToo(int minutes, bool starts) =>
        Assert.Equal(starts, new Cluster().Nodes(2).Queue("a", 16).Queue("b", 8).Running("old", ["node-1"], gpus: 8, minutes: 0, runsMinutes: 60).Gang("head", pods: 2, gpus: 8, age: 9).Gang("new", gpus: 8, queue: "b", change: Runs(minutes)).Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo })
            .Admitted.Any(admission => admission.GangId == "new"));

    [Fact]
    public void QuotaTheHeadWaitsFor_IsNotTakenByThoseBehind()
    {
        var pass = new Cluster().Nodes(4).Queue("a", 16, "x").Queue("b", 0, "x").Running("old", ["node-0"], gpus: 8, minutes: 0, runsMinutes: 60).Gang("head", pods: 2, gpus: 8, age: 9, queue: "b").Gang("new", gpus: 8, queue: "b", change: Runs(61)).Gang("short", gpus: 8, queue: "b", change: Runs(60)).Decide();

        Assert.Equal("short", Assert.Single(pass.Admitted).GangId);
    }

    [Fact]
    public void OverdueGang_IsTakenToEndAtAnyTime()
    {
        var pass = new Cluster().Nodes(2).Queue("a", 99).Running("old", ["node-0"], gpus: 8, minutes: 90, runsMinutes: 60).Gang("head", pods: 2, gpus: 8, age: 9).Gang("new", gpus: 8, change: Runs(1)).Decide();

        Assert.Empty(pass.Admitted);
        Assert.Equal(Cluster.Start, pass.Waiting.Single(verdict => verdict.GangId == "head").EarliestStart);
    }

    [Fact]
    public void FirstOfEveryQueue_HasAReservation_AsManyAsTheOptionsSay()
    {
        Cluster cluster = new Cluster().Nodes(2).Queue("a", 99).Queue("b", 99).Running("old", ["node-0"], gpus: 8, minutes: 0, runsMinutes: 60).Running("two", ["node-1"], gpus: 6, minutes: 0, runsMinutes: 90)
            .Gang("first", pods: 2, gpus: 8, age: 9, change: Runs(10)).Gang("second", pods: 2, gpus: 8, queue: "b", age: 8, change: Runs(10)).Gang("third", pods: 2, gpus: 8, queue: "b", age: 7);

        Assert.Equal([90, 100, null], Starts(cluster.Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo })));
        Assert.Equal([90, null, null], Starts(cluster.Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo, Reservations = 1 })));
    }

    /// <summary>16 GPUs, of which 2 are free, 2 more after an hour and all after one and a half: the first gang starts then, the second before it.</summary>
    [Theory]
    [InlineData(30, 60)]
    [InlineData(31, 120)]
    public void SecondReservation_StartsBeforeTheFirst_OnlyIfItEndsInTime(int minutes, int start) =>
        Assert.Equal([90, start], Starts(TwoReservations(14, Runs(minutes)).Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo })));

    [Theory]
    [InlineData(13, 0)]
    [InlineData(12, 1)]
    public void WhoFitsBesideEachReservation_ButNotBesideBoth_Waits(int first, int admitted) =>
        Assert.Equal(admitted, TwoReservations(first, Runs(60)).Gang("new", age: 1).Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo }).Admitted.Count);

    [Fact]
    public void OfGangsOfUnknownRunTime_TheOldestIsTakenToEndFirst()
    {
        // The head's room is kept on node-0, where the older one runs; on node-1 the new gang is in nobody's way.
        var pass = new Cluster().Nodes(2).Queue("a", 99).Running("older", ["node-0"], gpus: 4, minutes: 60).Running("younger", ["node-1"], gpus: 4, minutes: 1).Gang("head", gpus: 8, age: 9).Gang("new", gpus: 4).Decide();

        Assert.Equal("node-1", Assert.Single(Assert.Single(pass.Admitted).Placement.Pods).Node);
    }

    private static Cluster TwoReservations(int first, Func<Gang, Gang> second) =>
        new Cluster().Nodes(1, gpus: 16).Queue("a", 99).Queue("b", 99).Running("short", ["node-0"], gpus: 2, minutes: 0, runsMinutes: 60).Running("long", ["node-0"], gpus: 12, minutes: 0, runsMinutes: 90)
            .Gang("first", pods: first, age: 9, change: Runs(30)).Gang("second", pods: 3, queue: "b", age: 8, change: second);

    private static double?[] Starts(SchedulingPass pass) => [.. pass.Waiting.Select(verdict => (verdict.EarliestStart - Cluster.Start)?.TotalMinutes)];

    private static Cluster Waiting(int? minutes) =>
        new Cluster().Nodes(2).Queue("a", 99).Running("old", ["node-0"], gpus: 8, minutes: 0, runsMinutes: minutes).Gang("head", pods: 2, gpus: 8, age: 9);

    private static Func<Gang, Gang> Runs(int minutes) => gang => gang with { ExpectedRunTime = TimeSpan.FromMinutes(minutes) };

    private static string[] Admitted(Cluster cluster) => [.. cluster.Decide().Admitted.Select(admission => admission.GangId)];
}
