using CsCheck;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Properties;

/// <summary>
/// What must hold of every pass over every cluster. Each run looks at other clusters; <c>TAAS_SCHEDULING_SWEEP</c> multiplies their number.
/// </summary>
public sealed class PassPropertyTests
{
    private static readonly int Sweep = int.TryParse(Environment.GetEnvironmentVariable("TAAS_SCHEDULING_SWEEP"), out var times) ? times : 1;

    private static readonly Gen<(int Seed, int Nodes, int Queues, int Running, int Waiting)> Clusters =
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[0, 12], Gen.Int[1, 6], Gen.Int[0, 20], Gen.Int[1, 14]);

    private static readonly SchedulerOptions[] Options =
    [
        new(), new() { Policy = QueueingPolicy.Fifo }, new() { Backfill = false }, new() { Placement = PlacementStrategy.Spread, Preemption = false },
        new() { Reservations = 1, GangsTried = 5 }, new() { FairSharePreemption = false, ElasticGrowth = false }, new() { Policy = QueueingPolicy.Fifo, Backfill = false },
    ];

    [Fact]
    public void EveryPass_KeepsEveryRule() =>
        Clusters.Sample(
            cluster =>
            {
                var snapshot = Snapshot(cluster);
                new NaiveChecker(snapshot, new Scheduler(Options[cluster.Seed % Options.Length]).Decide(snapshot)).CheckAll();
            },
            iter: 3000 * Sweep);

    [Fact]
    public void SamePass_WhateverTheOrderOfTheLists() =>
        Clusters.Sample(
            cluster =>
            {
                var snapshot = Snapshot(cluster);
                var scheduler = new Scheduler(Options[cluster.Seed % Options.Length]);
                Assert.Equal(RandomCluster.Say(scheduler.Decide(snapshot)), RandomCluster.Say(scheduler.Decide(RandomCluster.Shuffle(snapshot, cluster.Seed))));
            },
            iter: 1000 * Sweep);

    [Fact]
    public void TheClustersMeetEveryOutcome()
    {
        var (counts, random) = (new SortedDictionary<string, int>(), new Random(1));
        for (var seed = 0; seed < 2000; seed++)
        {
            var snapshot = Snapshot((seed, random.Next(2, 13), random.Next(1, 7), random.Next(21), random.Next(1, 15)));
            var pass = new Scheduler(Options[seed % Options.Length]).Decide(snapshot);
            var grown = snapshot.Gangs.Where(gang => gang.Placement is not null).Select(gang => gang.Id).ToHashSet();
            foreach (var outcome in pass.Waiting.Select(verdict => verdict.Reason.ToString())
                .Concat(pass.Preempted.Select(preemption => preemption.Cause.ToString()))
                .Concat(pass.Admitted.Select(admission => grown.Contains(admission.GangId) ? "Grown" : admission.IsBackfill ? "Backfill" : admission.IsBorrowing ? "Borrowing" : "Admitted"))
                .Concat(pass.Waiting.Where(verdict => verdict.EarliestStart > snapshot.Now && verdict.Reason is WaitReason.NoNodeFits or WaitReason.WaitingForQuota).Select(_ => "Reserved")))
            {
                counts[outcome] = counts.GetValueOrDefault(outcome) + 1;
            }
        }

        string[] expected = [.. Enum.GetNames<WaitReason>(), .. Enum.GetNames<PreemptionCause>(), "Grown", "Backfill", "Borrowing", "Admitted", "Reserved"];
        Assert.True(expected.All(outcome => counts.GetValueOrDefault(outcome) >= 2), string.Join(", ", counts));
    }

    private static ClusterSnapshot Snapshot((int Seed, int Nodes, int Queues, int Running, int Waiting) cluster)
    {
        var random = new RandomCluster(cluster.Seed);
        var running = random.Running(cluster.Nodes, cluster.Queues, cluster.Running);
        return running with { Gangs = [.. running.Gangs, .. random.Gangs(cluster.Waiting, cluster.Queues)] };
    }
}
