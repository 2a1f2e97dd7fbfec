using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Properties;

/// <summary>Pass after pass in virtual time: gangs run as long as they said, or as long as they are told to in secret; those that are stopped come back to the line.</summary>
internal sealed class VirtualTime
{
    private readonly Scheduler _scheduler;
    private readonly Dictionary<string, TimeSpan> _truth;

    internal VirtualTime(ClusterSnapshot start, SchedulerOptions options, Dictionary<string, TimeSpan> truth)
    {
        (Snapshot, _truth) = (start, truth);
        _scheduler = new Scheduler(options);
    }

    internal ClusterSnapshot Snapshot { get; private set; }

    /// <summary>When each gang first started.</summary>
    internal Dictionary<string, DateTimeOffset> Started { get; } = [];

    internal int Preempted { get; private set; }

    /// <summary>Gangs that were refused for good.</summary>
    internal HashSet<string> Refused { get; } = [];

    /// <summary>Adds gangs.</summary>
    internal void Submit(params Gang[] gangs) => Snapshot = Snapshot with { Gangs = [.. Snapshot.Gangs, .. gangs] };

    /// <summary>One pass, its decisions carried out; gangs that are stopped are gone at the next.</summary>
    internal SchedulingPass Pass()
    {
        var pass = _scheduler.Decide(Snapshot);
        new NaiveChecker(Snapshot, pass).CheckAll();
        var admitted = pass.Admitted.ToDictionary(admission => admission.GangId);
        var stopped = pass.Preempted.Select(preemption => preemption.GangId).ToHashSet();
        Preempted += stopped.Count;
        Refused.UnionWith(pass.Waiting.Where(verdict => verdict.IsFinal).Select(verdict => verdict.GangId));
        foreach (var id in admitted.Keys)
        {
            Started.TryAdd(id, Snapshot.Now);
        }

        Snapshot = Snapshot with
        {
            Gangs = [.. Snapshot.Gangs.Where(gang => !Refused.Contains(gang.Id)).Select(gang =>
                stopped.Contains(gang.Id) ? gang with { IsTerminating = true }
                : gang.IsTerminating ? gang with { IsTerminating = false, Placement = null, PlacedAt = null }
                : admitted.TryGetValue(gang.Id, out var admission) ? gang with { Placement = admission.Placement, PlacedAt = gang.PlacedAt ?? Snapshot.Now }
                : gang)],
        };
        return pass;
    }

    /// <summary>Time goes on; what has run for its time is gone.</summary>
    internal void Advance(TimeSpan time)
    {
        var now = Snapshot.Now + time;
        Snapshot = Snapshot with { Now = now, Gangs = [.. Snapshot.Gangs.Where(gang => gang.IsTerminating || gang.PlacedAt is not { } placed || placed + _truth[gang.Id] > now)] };
    }

    /// <summary>Time goes on to when the next gang ends, or to a pause's end.</summary>
    /// <returns>False where nothing runs.</returns>
    internal bool AdvanceToNextEnd()
    {
        var ends = Snapshot.Gangs.Where(gang => gang.PlacedAt is not null && !gang.IsTerminating).Select(gang => gang.PlacedAt!.Value + _truth[gang.Id]).ToArray();
        if (ends.Length == 0)
        {
            return false;
        }

        Advance(ends.Min() - Snapshot.Now);
        return true;
    }
}
