using CsCheck;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Properties;

/// <summary>A job that is refused for good could never have run; otherwise a user loses a job that only had to wait.</summary>
public sealed class FinalVerdictPropertyTests
{
    private static readonly int Sweep = int.TryParse(Environment.GetEnvironmentVariable("TAAS_SCHEDULING_SWEEP"), out var times) ? times : 1;

    [Fact]
    public void WhatNeverFits_HasNoWayIntoTheEmptyCluster()
    {
        var (refused, searched) = (0, 0);
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[1, 5], Gen.Int[1, 4]).Sample(
            (seed, nodes, queues) =>
            {
                var random = new RandomCluster(seed);
                var snapshot = random.Empty(nodes, queues) with { Gangs = random.Gangs(6, queues) };
                foreach (var verdict in new Scheduler(new SchedulerOptions()).Decide(snapshot).Waiting.Where(verdict => verdict.Reason == WaitReason.NeverFits))
                {
                    Interlocked.Increment(ref refused);
                    if (new EmptyClusterSearch(snapshot, snapshot.Gangs.Single(gang => gang.Id == verdict.GangId)).HasAWay() is { } found)
                    {
                        Interlocked.Increment(ref searched);
                        Assert.False(found, $"{verdict}: every pod has a node on the empty cluster");
                    }
                }
            },
            iter: 1500 * Sweep);
        Assert.InRange(searched, refused / 2, refused);
        Assert.InRange(refused, 100, int.MaxValue);
    }

    [Fact]
    public void WhatExceedsMaxQuota_DoesNotStartOnAnEndlessCluster()
    {
        var refused = 0;
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[1, 6]).Sample(
            (seed, queues) =>
            {
                var random = new RandomCluster(seed);
                var snapshot = random.Empty(3, queues) with { Gangs = random.Gangs(8, queues) };
                foreach (var verdict in new Scheduler(new SchedulerOptions()).Decide(snapshot).Waiting.Where(verdict => verdict.Reason == WaitReason.ExceedsMaxQuota))
                {
                    Interlocked.Increment(ref refused);
                    var gang = snapshot.Gangs.Single(gang => gang.Id == verdict.GangId);
                    Assert.Empty(new EmptyClusterSearch(snapshot, gang).MixesWithinQuota());
                }
            },
            iter: 1500 * Sweep);
        Assert.InRange(refused, 100, int.MaxValue);
    }
}
