using CsCheck;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Properties;

/// <summary>Nobody is stopped in vain, nobody more than it takes, and nobody who would come back to stop the other in turn.</summary>
public sealed class PreemptionPropertyTests
{
    private static readonly int Sweep = int.TryParse(Environment.GetEnvironmentVariable("TAAS_SCHEDULING_SWEEP"), out var times) ? times : 1;

    /// <summary>A tree of queues that share one flavor, full of gangs that were placed while they could borrow.</summary>
    private static readonly Gen<(int Seed, int Nodes, int Queues, int Running)> Families = Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[1, 5], Gen.Int[2, 6], Gen.Int[1, 20]);

    [Fact]
    public void Victims_AreNeededEveryOne_AndEnough()
    {
        var stopped = 0;
        Families.Sample(
            family =>
            {
                var snapshot = Family(family, waiting: 1);
                var options = Options(family.Seed);
                var pass = new Scheduler(options).Decide(snapshot);
                new NaiveChecker(snapshot, pass).CheckAll();
                if (pass.Preempted.Count == 0)
                {
                    return;
                }

                Interlocked.Increment(ref stopped);
                var gang = pass.Preempted[0].ForGangId;
                var victims = pass.Preempted.Select(preemption => preemption.GangId).ToArray();
                Assert.True(Starts(snapshot, gang, victims, options), $"{gang} does not start without {string.Join(", ", victims)}");
                foreach (var spared in victims)
                {
                    Assert.False(Starts(snapshot, gang, victims.Where(victim => victim != spared), options), $"{gang} starts although {spared} stays");
                }
            },
            iter: 3000 * Sweep);
        Assert.InRange(stopped, 100, int.MaxValue);
    }

    /// <summary>Without ends and arrivals, passes come to rest: otherwise two gangs stop each other for ever, and neither trains.</summary>
    [Fact]
    public void Preemption_ComesToRest()
    {
        var stopped = 0;
        Families.Sample(
            family =>
            {
                var snapshot = Family(family, waiting: 6);
                var time = new VirtualTime(snapshot, Options(family.Seed), snapshot.Gangs.ToDictionary(gang => gang.Id, _ => TimeSpan.FromDays(1000)));
                var quiet = 0;
                for (var pass = 0; pass < 60 && quiet < 3; pass++)
                {
                    var decided = time.Pass();
                    quiet = decided.Admitted.Count == 0 && decided.Preempted.Count == 0 && !time.Snapshot.Gangs.Any(gang => gang.IsTerminating) ? quiet + 1 : 0;
                    time.Advance(TimeSpan.FromSeconds(1));
                }

                Interlocked.Add(ref stopped, time.Preempted);
                Assert.True(quiet == 3, $"{time.Preempted} gangs were stopped in 60 passes and no end is in sight; {RandomCluster.Say(time.Pass())}");
            },
            iter: 1500 * Sweep);
        Assert.InRange(stopped, 100, int.MaxValue);
    }

    private static SchedulerOptions Options(int seed) => new() { Policy = seed % 4 == 0 ? QueueingPolicy.Fifo : QueueingPolicy.FairShare };

    private static bool Starts(ClusterSnapshot snapshot, string gang, IEnumerable<string> gone, SchedulerOptions options)
    {
        var left = snapshot with { Gangs = [.. snapshot.Gangs.Where(other => !gone.Contains(other.Id) && !other.IsTerminating)] };
        return new Scheduler(options with { Preemption = false }).Decide(left).Admitted.Any(admission => admission.GangId == gang);
    }

    private static ClusterSnapshot Family((int Seed, int Nodes, int Queues, int Running) family, int waiting)
    {
        var random = new Random(family.Seed);
        var cluster = new Cluster().Nodes(family.Nodes);
        for (var queue = 0; queue < family.Queues; queue++)
        {
            cluster.Queue($"q{queue}", random.Next(0, 12), random.Next(4) == 0 ? "x" : random.Next(2) == 0 ? "x/y" : "x/z", random.Next(4) == 0 ? random.Next(8) : null, random.Next(4) == 0 ? random.Next(6) : null, One(0.5, 1, 2), change: spec => spec with
            {
                WithinQueue = One(PreemptionPolicy.Never, PreemptionPolicy.LowerPriority, PreemptionPolicy.LowerPriority, PreemptionPolicy.Any),
                ReclaimWithinCohort = One(PreemptionPolicy.Never, PreemptionPolicy.LowerPriority, PreemptionPolicy.Any, PreemptionPolicy.Any, PreemptionPolicy.Any),
            });
        }

        Fill(0, family.Running);
        var placed = new Scheduler(new SchedulerOptions { Preemption = false }).Decide(cluster.Snapshot).Admitted.ToDictionary(admission => admission.GangId, admission => admission.Placement);
        var running = cluster.Snapshot.Gangs.Where(gang => placed.ContainsKey(gang.Id)).Select(gang => gang with
        {
            Placement = placed[gang.Id],
            PlacedAt = Cluster.Start - TimeSpan.FromMinutes(random.Next(1, 60)),
            IsPreemptible = random.Next(10) > 0,
        }).ToArray();
        Fill(family.Running, waiting);
        return cluster.Snapshot with { Gangs = [.. running, .. cluster.Snapshot.Gangs.Skip(family.Running)] };

        T One<T>(params T[] choices) => choices[random.Next(choices.Length)];

        void Fill(int first, int count)
        {
            for (var index = first; index < first + count; index++)
            {
                cluster.Gang($"g{index}", random.Next(1, 4), One(1, 1, 2, 4, 8), $"q{random.Next(family.Queues)}", One(0, 0, 1, 5), random.Next(0, 10));
            }
        }
    }
}
