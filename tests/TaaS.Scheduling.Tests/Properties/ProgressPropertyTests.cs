using CsCheck;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Properties;

/// <summary>What must hold over many passes: everyone gets a turn, and nobody is kept from a promised one.</summary>
public sealed class ProgressPropertyTests
{
    private static readonly int Sweep = int.TryParse(Environment.GetEnvironmentVariable("TAAS_SCHEDULING_SWEEP"), out var times) ? times : 1;

    private static readonly Gen<(int Seed, int Nodes, int Queues, int Gangs)> Clusters = Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[2, 8], Gen.Int[1, 5], Gen.Int[1, 25]);

    private static readonly SchedulerOptions[] Options =
    [
        new(), new() { Policy = QueueingPolicy.Fifo }, new() { Backfill = false }, new() { Preemption = false }, new() { Policy = QueueingPolicy.Fifo, Reservations = 1 },
    ];

    [Fact]
    public void EveryGangThatCanRun_RunsInTheEnd() =>
        Clusters.Sample(
            cluster =>
            {
                var time = Begin(cluster, Options[cluster.Seed % Options.Length], out var gangs);
                for (var pass = 0; pass < 60 * gangs.Length; pass++)
                {
                    time.Pass();
                    if (time.Snapshot.Gangs.Count == 0)
                    {
                        break;
                    }

                    if (time.Snapshot.Gangs.Any(gang => gang.IsTerminating))
                    {
                        time.Advance(TimeSpan.FromSeconds(1));
                    }
                    else if (!time.AdvanceToNextEnd())
                    {
                        // Pauses after a failure are all that may be waited for with nothing running.
                        time.Advance(TimeSpan.FromMinutes(1));
                    }
                }

                var left = time.Snapshot.Gangs.Where(gang => !time.Started.ContainsKey(gang.Id)).ToArray();
                Assert.True(left.All(gang => IsKeptOutByState(gang, time.Snapshot)), $"never ran: {string.Join(", ", left.Select(gang => gang.Id))}; {RandomCluster.Say(time.Pass())}");
            },
            iter: 300 * Sweep);

    /// <summary>Random gangs with known run times on one big flavor, the longest-waiting of which is blocked: it starts by the time that it was told, whoever is let past.</summary>
    [Fact]
    public void Backfill_NeverDelaysTheHead() =>
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[1, 6], Gen.Int[3, 30]).Sample(
            (seed, nodes, count) =>
            {
                var random = new Random(seed);
                var cluster = new Cluster().Nodes(nodes).Queue("a", 1000);
                var truth = new Dictionary<string, TimeSpan>();
                for (var index = 0; index < count; index++)
                {
                    var minutes = random.Next(1, 120);
                    // No one runs longer than it said; some end earlier.
                    truth[$"g{index}"] = TimeSpan.FromMinutes(random.Next(2) == 0 ? minutes : random.Next(1, minutes + 1));
                    cluster.Gang($"g{index}", pods: random.Next(1, 2 * nodes), gpus: random.Next(3) == 0 ? 8 : random.Next(1, 5), age: count - index, change: gang => gang with { ExpectedRunTime = TimeSpan.FromMinutes(minutes) });
                }

                var time = new VirtualTime(cluster.Snapshot, new SchedulerOptions { Policy = QueueingPolicy.Fifo, Preemption = false, Reservations = 1 + seed % 3 }, truth);
                string? head = null;
                DateTimeOffset? promised = null;
                for (var pass = 0; pass < 4 * count && time.Snapshot.Gangs.Count > 0; pass++)
                {
                    var decided = time.Pass();
                    var first = decided.Waiting.FirstOrDefault(verdict => verdict is { Position: 1, IsFinal: false });
                    if (head is not null && first?.GangId == head)
                    {
                        Assert.True(first.EarliestStart <= promised, $"{head} was told {promised}, now {first.EarliestStart}");
                    }

                    (head, promised) = (first?.GangId, first?.EarliestStart);
                    Assert.True(head is null || promised is not null, $"{head} was told no time although all run times are known");
                    if (time.Snapshot.Gangs.Count > 0)
                    {
                        Assert.True(time.AdvanceToNextEnd());
                    }

                    Assert.True(head is null || time.Snapshot.Now <= promised || time.Pass().Waiting.All(verdict => verdict.GangId != head), $"{head} did not start at {promised}");
                }
            },
            iter: 400 * Sweep);

    [Fact]
    public void TheHead_StartsNoLaterWithBackfillThanWithout() =>
        Gen.Select(Gen.Int[0, int.MaxValue - 1], Gen.Int[2, 6], Gen.Int[3, 20]).Sample(
            (seed, nodes, count) => Assert.True(StartOfHead(seed, nodes, count, backfill: true) <= StartOfHead(seed, nodes, count, backfill: false)),
            iter: 300 * Sweep);

    /// <summary>The first gang that had to wait: when does it start, if every gang runs exactly as long as it said?</summary>
    private static DateTimeOffset StartOfHead(int seed, int nodes, int count, bool backfill)
    {
        var random = new Random(seed);
        var (cluster, truth) = (new Cluster().Nodes(nodes).Queue("a", 1000), new Dictionary<string, TimeSpan>());
        for (var index = 0; index < count; index++)
        {
            truth[$"g{index}"] = TimeSpan.FromMinutes(random.Next(1, 120));
            cluster.Gang($"g{index}", pods: random.Next(1, 2 * nodes), gpus: random.Next(3) == 0 ? 8 : random.Next(1, 5), age: count - index, change: gang => gang with { ExpectedRunTime = truth[gang.Id] });
        }

        var time = new VirtualTime(cluster.Snapshot, new SchedulerOptions { Policy = QueueingPolicy.Fifo, Preemption = false, Backfill = backfill }, truth);
        var head = time.Pass().Waiting.FirstOrDefault(verdict => !verdict.IsFinal)?.GangId;
        while (head is not null && !time.Started.ContainsKey(head) && time.AdvanceToNextEnd())
        {
            time.Pass();
        }

        return head is null ? DateTimeOffset.MinValue : time.Started[head];
    }

    private static VirtualTime Begin((int Seed, int Nodes, int Queues, int Gangs) cluster, SchedulerOptions options, out Gang[] gangs)
    {
        var random = new RandomCluster(cluster.Seed);
        var start = random.Empty(cluster.Nodes, cluster.Queues);
        gangs = random.Gangs(cluster.Gangs, cluster.Queues);
        var truths = new Random(cluster.Seed);
        var time = new VirtualTime(start, options, gangs.ToDictionary(gang => gang.Id, _ => TimeSpan.FromMinutes(truths.Next(1, 300))));
        time.Submit(gangs);
        return time;
    }

    /// <summary>Would it run if every node were in order, without foreign pods and pauses, and its queue open? Then it is not the scheduler that keeps it out.</summary>
    private static bool IsKeptOutByState(Gang gang, ClusterSnapshot snapshot)
    {
        if (snapshot.Queues.First(queue => queue.Name == gang.Queue).Spec.Hold)
        {
            return true;
        }

        var alone = new Scheduler(new SchedulerOptions()).Decide(snapshot with { Gangs = [gang with { Placement = null, NotBefore = null }] });
        return alone.Admitted.Count == 0;
    }
}
