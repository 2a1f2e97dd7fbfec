using System.Diagnostics;
using TaaS.Kubernetes;
using TaaS.Scheduling;
using TaaS.Scheduling.Model;

namespace TaaS.Benchmarks.Scheduling;

/// <summary>Measures passes: one over a cluster in which everything waits, many over a full one in which a few gangs end and arrive, some for a gang that has no room, and the snapshots that go before passes.</summary>
internal sealed class SchedulingRun(Scale scale, int coldPasses, int steadyPasses, Action<string> say)
{
    /// <summary>Share of running gangs that end between two steady passes: one in this many.</summary>
    private const int OneInEnds = 100;

    private const int Builds = 100;

    private readonly Scheduler _scheduler = new(new SchedulerOptions());
    private readonly Workload _workload = new(scale);

    internal SchedulingResult Measure()
    {
        var snapshot = new ClusterSnapshot { Now = Workload.Start, Nodes = _workload.Nodes(), Queues = _workload.Queues(), Flavors = Workload.Flavors(), Gangs = _workload.Gangs(scale.Pods) };
        say($"{scale.Nodes} nodes, {scale.Pods} pods in {snapshot.Gangs.Count} gangs, {scale.Queues} queues");
        _ = Time(snapshot);
        PassTime[] cold = [.. Enumerable.Range(0, coldPasses).Select(_ => Time(snapshot))];
        var full = Apply(snapshot, _scheduler.Decide(snapshot));
        say($"everything waits: {cold[^1].Milliseconds:0} ms; {cold[^1].Admitted} gangs started, {cold[^1].Waiting} wait");
        var steady = Steady(ref full);
        say("a few end and arrive: done");
        var noRoom = NoRoom(full);
        // The peak of the decisions: an operator that watches a cluster of this size holds its objects beside.
        var peak = Process.GetCurrentProcess().PeakWorkingSet64;
        return new SchedulingResult(scale, snapshot.Gangs.Count, cold, steady, noRoom, Snapshots(full), peak);
    }

    private PassTime[] Steady(ref ClusterSnapshot snapshot)
    {
        var times = new PassTime[steadyPasses];
        for (var pass = 0; pass < steadyPasses; pass++)
        {
            snapshot = Churn(snapshot);
            (times[pass], var decided) = PassTime.Of(_scheduler, snapshot);
            snapshot = Apply(snapshot, decided);
        }

        return times;
    }

    /// <summary>A gang of ten whole nodes in a full cluster, in a queue that has the quota: how long until it is told that it waits.</summary>
    private PassTime[] NoRoom(ClusterSnapshot full)
    {
        var running = full.Gangs.Where(static gang => gang.Placement is not null && !gang.IsTerminating).Select(static gang => gang with { IsPreemptible = false });
        var gang = _workload.Gang(1, full.Now) with { Id = "no-room", PodSets = [new PodSet { Role = "worker", Count = 10, MinCount = 10, Requests = new ResourceList([KeyValuePair.Create("cpu", 64_000L), KeyValuePair.Create("nvidia.com/gpu", 8L)]) }] };
        var snapshot = full with { Gangs = [.. running, gang] };
        PassTime[] times = [.. Enumerable.Range(0, 200).Select(_ => Time(snapshot))];
        return times.Any(static time => time.Waiting != 1) ? throw new InvalidOperationException("the gang that should have had no room has started") : times;
    }

    /// <summary>What goes before each pass of the operator: the snapshot out of what an API server has, of which one job in a hundred has changed.</summary>
    private Clocked[] Snapshots(ClusterSnapshot full)
    {
        var objects = new ApiObjects(full with { Gangs = [.. full.Gangs.Where(static gang => !gang.IsTerminating)] });
        _ = Snapshot(objects);
        return [.. Enumerable.Range(0, Builds).Select(_ => Snapshot(objects))];
    }

    private Clocked Snapshot(ApiObjects objects)
    {
        objects.Renew(_ => _workload.Draw(OneInEnds) == 0);
        var cluster = objects.Objects;
        var (time, snapshot) = Clocked.Of(() => SnapshotBuilder.Build(cluster, Workload.Start, static metadata => SubmitterStamp.Verified(metadata, null)));
        return snapshot.Gangs.Count == cluster.Jobs.Count ? time : throw new InvalidOperationException($"of {cluster.Jobs.Count} jobs the snapshot has {snapshot.Gangs.Count}");
    }

    /// <summary>Some gangs end, stopped ones are gone and wait again, and new ones come, as many pods as went.</summary>
    private ClusterSnapshot Churn(ClusterSnapshot snapshot)
    {
        var now = snapshot.Now + TimeSpan.FromSeconds(10);
        var (gangs, pods) = (new List<Gang>(), 0);
        foreach (var gang in snapshot.Gangs)
        {
            if (gang.IsTerminating)
            {
                gangs.Add(gang with { IsTerminating = false, Placement = null, PlacedAt = null });
            }
            else if (gang.Placement is not null && _workload.Draw(OneInEnds) == 0)
            {
                pods += gang.Placement.Pods.Count;
            }
            else
            {
                gangs.Add(gang);
            }
        }

        while (pods > 0)
        {
            var gang = _workload.Gang(Math.Min(pods, _workload.Size()), now);
            gangs.Add(gang);
            pods -= gang.PodSets.Sum(static set => set.Count);
        }

        return snapshot with { Now = now, Gangs = gangs };
    }

    private static ClusterSnapshot Apply(ClusterSnapshot snapshot, SchedulingPass pass)
    {
        var admitted = pass.Admitted.ToDictionary(static admission => admission.GangId, static admission => admission.Placement);
        var stopped = pass.Preempted.Select(static preemption => preemption.GangId).ToHashSet();
        return snapshot with
        {
            Gangs = [.. snapshot.Gangs.Select(gang =>
                admitted.TryGetValue(gang.Id, out var placement) ? gang with { Placement = placement, PlacedAt = gang.PlacedAt ?? snapshot.Now }
                : stopped.Contains(gang.Id) ? gang with { IsTerminating = true }
                : gang)],
        };
    }

    private PassTime Time(ClusterSnapshot snapshot) => PassTime.Of(_scheduler, snapshot).Time;
}
