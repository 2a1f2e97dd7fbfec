using TaaS.Scheduling.Model;
using TaaS.Scheduling.Tests.Properties;

namespace TaaS.Scheduling.Tests.Narratives;

/// <summary>Whose turn it is. Without these rules the queue that submits most gets all.</summary>
public sealed class FairShareTests
{
    [Fact]
    public void WithinAQueue_PriorityGoesBeforeAge() =>
        Assert.Equal(["urgent", "old"], new Cluster().Nodes(1).Queue("a", 99).Gang("old", gpus: 4, age: 9).Gang("new", gpus: 4, age: 1).Gang("urgent", gpus: 4, priority: 1).Decide().Admitted.Select(admission => admission.GangId));

    [Fact]
    public void NominalQuota_GoesBeforeBorrowing() =>
        Assert.Equal("own", Assert.Single(new Cluster().Nodes(1).Queue("a", 0, "x").Queue("b", 8, "x").Gang("borrows", gpus: 8, age: 9).Gang("own", gpus: 8, queue: "b").Decide().Admitted).GangId);

    [Fact]
    public void NominalQuota_GoesBeforeBorrowing_EvenOfAQueueThatBorrowedElsewhere() =>
        Assert.Equal("own", Assert.Single(new Cluster().Nodes(2).Flavor("own").Queue("lender", 16, "x").Queue("b", 0, "x").Queue("a", 0, "x", change: spec => spec with { Quotas = [Cluster.Quota("gpu", 0), Cluster.Quota("own", 8)] })
            .Running("old", ["node-0"], gpus: 8).Gang("borrows", gpus: 8, queue: "b", age: 9).Gang("own", gpus: 8, set: set => set with { Flavor = "own" }).Decide(new SchedulerOptions { Preemption = false }).Admitted).GangId);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(1, 3)]
    [InlineData(2, 1)]
    public void WhatIsLent_IsSharedByWeight_WithinAGangsSize(int left, int right)
    {
        var cluster = new Cluster().Nodes(12).Queue("lender", 96, "x").Queue("a", 0, "x", weight: left).Queue("b", 0, "x", weight: right);
        for (var index = 0; index < 100; index++)
        {
            cluster.Gang($"a{index}", pods: 2, queue: "a", age: 5).Gang($"b{index}", pods: 3, queue: "b", age: 1);
        }

        var used = cluster.Decide().Admitted.GroupBy(admission => admission.GangId[0]).ToDictionary(queue => queue.Key, queue => queue.Sum(admission => admission.Placement.Pods.Count));

        Assert.InRange(used['a'] - 96.0 * left / (left + right), -3, 3);
        Assert.InRange(used['a'] + used['b'], 94, 96);
    }

    [Fact]
    public void Cohorts_ShareBeforeTheirMembersDo()
    {
        var cluster = new Cluster().Nodes(12).Queue("lender", 96, "org").Queue("a", 0, "org/one").Queue("b", 0, "org/two", weight: 0.5).Queue("c", 0, "org/two", weight: 0.5);
        for (var index = 0; index < 100; index++)
        {
            cluster.Gang($"a{index}", queue: "a", age: 1).Gang($"b{index}", queue: "b", age: 3).Gang($"c{index}", queue: "c", age: 3);
        }

        var used = cluster.Decide().Admitted.GroupBy(admission => admission.GangId[0]).ToDictionary(queue => queue.Key, queue => queue.Count());

        Assert.Equal((48, 24, 24), (used['a'], used['b'], used['c']));
    }

    [Fact]
    public void DominantResource_Decides()
    {
        // One asks for many cores, the other for GPUs: each gets the same share of what it needs most of.
        var cluster = new Cluster().Nodes(10, gpus: 10, cpu: 100).Queue("lender", 0, "x", change: spec => spec with
        {
            Quotas = [new("gpu", new Dictionary<string, TaaS.Jobs.ResourceQuota> { ["cpu"] = new(Cluster.Quantity(1000)), ["memory"] = new(Cluster.Quantity("1Pi")), ["nvidia.com/gpu"] = new(Cluster.Quantity(100)) })],
        });
        foreach (var name in new[] { "a", "b" })
        {
            cluster.Queue(name, 0, "x", change: spec => spec with { Quotas = [new("gpu", spec.Quotas[0].Resources.ToDictionary(entry => entry.Key, _ => new TaaS.Jobs.ResourceQuota(Cluster.Quantity(0))))] });
        }

        for (var index = 0; index < 200; index++)
        {
            cluster.Gang($"a{index}", queue: "a", set: set => set with { Requests = Cluster.Resources(1, 20, 1) }).Gang($"b{index}", queue: "b", set: set => set with { Requests = Cluster.Resources(2, 2, 1) });
        }

        var used = cluster.Decide().Admitted.GroupBy(admission => admission.GangId[0]).ToDictionary(queue => queue.Key, queue => queue.Count());

        // a: 20 of 1000 cores a gang; b: 2 of 100 GPUs a gang: one for one.
        Assert.InRange(used['a'] - used['b'], -1, 1);
    }

    [Fact]
    public void Fifo_GoesByPriorityThenAge_OverAllQueues() =>
        Assert.Equal(["urgent", "first", "second"], new Cluster().Nodes(3).Queue("a", 99).Queue("b", 99).Gang("first", gpus: 8, age: 9).Gang("second", gpus: 8, age: 8).Gang("third", gpus: 8, queue: "b", age: 7).Gang("urgent", gpus: 8, queue: "b", priority: 1)
            .Decide(new SchedulerOptions { Policy = QueueingPolicy.Fifo }).Admitted.Select(admission => admission.GangId));

    /// <summary>The deadlock that gang scheduling exists to prevent.</summary>
    [Fact]
    public void TwoGangsOfMoreThanHalf_OneRunsAndOneWaits_AThousandTimes()
    {
        var random = new Random(1);
        for (var time = 0; time < 1000; time++)
        {
            var nodes = random.Next(2, 6);
            var (left, right) = (random.Next(nodes * 4 + 1, nodes * 8 + 1), random.Next(nodes * 4 + 1, nodes * 8 + 1));
            var snapshot = RandomCluster.Shuffle(new Cluster().Nodes(nodes).Queue("a", 99).Queue("b", 99).Gang("one", pods: left).Gang("two", pods: right, queue: time % 2 == 0 ? "a" : "b").Snapshot, time);

            var pass = new Scheduler(new SchedulerOptions()).Decide(snapshot);

            new NaiveChecker(snapshot, pass).CheckAll();
            var runs = Assert.Single(pass.Admitted);
            var waits = Assert.Single(pass.Waiting);
            Assert.NotEqual(runs.GangId, waits.GangId);
            Assert.Equal(WaitReason.NoNodeFits, waits.Reason);
            Assert.Matches("^role worker needs room for [0-9]+ pods of 1 nvidia.com/gpu, 1 cpu, 1Gi memory at once, [0-9]+ would fit now", waits.Message);
        }
    }
}
