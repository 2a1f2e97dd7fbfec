using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Simulation;

/// <summary>Where a job of the simulation stands.</summary>
internal enum GangState
{
    Waiting,
    Running,

    /// <summary>Stopped; its pods still hold what they had.</summary>
    Terminating,
    Finished,
    Refused,
}

/// <summary>One job on its way from submission to its end.</summary>
internal sealed class GangRun
{
    private readonly SimulatedJob _job;
    private readonly int _elasticPods;
    private DateTimeOffset _progressAt;
    private DateTimeOffset _waitsSince;
    private DateTimeOffset? _headSince;

    public GangRun(SimulatedJob job)
    {
        _job = job;
        _waitsSince = job.Gang.SubmittedAt;
        _elasticPods = job.Gang.PodSets.Where(static set => set.MinCount < set.Count).Sum(static set => set.Count);
        Gang = job.Gang;
    }

    public SimulatedJob Job => _job;

    /// <summary>What the scheduler sees of it now.</summary>
    public Gang Gang { get; private set; }

    public GangState State { get; private set; } = GangState.Waiting;

    /// <summary>Grows with every start, so that an end foreseen for an earlier one is known for stale.</summary>
    public int Version { get; private set; }

    /// <summary>Work done, as run time with all pods; up to the last checkpoint once it is stopped.</summary>
    public TimeSpan Progress { get; private set; }

    /// <summary>All time spent waiting, before the first start and after each stop.</summary>
    public TimeSpan Waited { get; private set; }

    /// <summary>All time spent at the head of its queue.</summary>
    public TimeSpan AtHead { get; private set; }

    public bool WasBackfilled { get; private set; }

    public DateTimeOffset? FirstStart { get; private set; }

    /// <summary>What it holds, by resource.</summary>
    public ResourceList Held { get; private set; } = ResourceList.Empty;

    /// <summary>When it ends if nothing comes between.</summary>
    public DateTimeOffset ExpectedEnd => _progressAt + TimeSpan.FromTicks((long)Math.Ceiling((_job.RunTime - Progress).Ticks / Rate));

    /// <summary>A gang with part of its elastic pods works at that part of its speed.</summary>
    private double Rate => _elasticPods == 0 ? 1 : (double)PlacedElasticPods() / _elasticPods;

    /// <summary>Starts, or goes on with other pods.</summary>
    public void Place(DateTimeOffset now, Placement placement, bool isBackfill)
    {
        if (State == GangState.Running)
        {
            Work(now);
        }
        else
        {
            Waited += now - _waitsSince;
            LeaveHead(now);
            WasBackfilled |= isBackfill;
            FirstStart ??= now;
            State = GangState.Running;
            _progressAt = now;
        }

        Version++;
        Gang = Gang with { Placement = placement, PlacedAt = Gang.PlacedAt ?? now };
        Held = Demand(placement);
    }

    /// <summary>Is stopped; gives the work that is lost.</summary>
    public TimeSpan Stop(DateTimeOffset now, TimeSpan checkpointInterval)
    {
        Work(now);
        var kept = TimeSpan.FromTicks(Progress.Ticks / checkpointInterval.Ticks * checkpointInterval.Ticks);
        var lost = Progress - kept;
        Progress = kept;
        Version++;
        State = GangState.Terminating;
        Gang = Gang with { IsTerminating = true };
        return lost;
    }

    /// <summary>Its pods are gone: it waits again.</summary>
    public void Requeue(DateTimeOffset now)
    {
        State = GangState.Waiting;
        _waitsSince = now;
        Gang = Gang with { Placement = null, PlacedAt = null, IsTerminating = false };
        Held = ResourceList.Empty;
    }

    public void Finish(DateTimeOffset now)
    {
        Work(now);
        State = GangState.Finished;
        Held = ResourceList.Empty;
    }

    public void Refuse(DateTimeOffset now)
    {
        Waited += now - _waitsSince;
        LeaveHead(now);
        State = GangState.Refused;
    }

    /// <summary>Sets how long the scheduler believes a start from here would run.</summary>
    public void Expect(TimeSpan? runTime) =>
        Gang = Gang with { ExpectedRunTime = runTime is { } whole ? TimeSpan.FromTicks(Math.Max((whole - Progress).Ticks, TimeSpan.TicksPerSecond)) : null };

    public void BecomeHead(DateTimeOffset now) => _headSince ??= now;

    public void LeaveHead(DateTimeOffset now)
    {
        if (_headSince is { } since)
        {
            AtHead += now - since;
            _headSince = null;
        }
    }

    private void Work(DateTimeOffset now)
    {
        Progress += TimeSpan.FromTicks((long)((now - _progressAt).Ticks * Rate));
        Progress = Progress < _job.RunTime ? Progress : _job.RunTime;
        _progressAt = now;
    }

    private int PlacedElasticPods()
    {
        var elastic = Gang.PodSets.Where(static set => set.MinCount < set.Count).Select(static set => set.Role).ToHashSet(StringComparer.Ordinal);
        return Gang.Placement?.Pods.Count(pod => elastic.Contains(pod.Role)) ?? 0;
    }

    private ResourceList Demand(Placement placement)
    {
        var held = ResourceList.Empty;
        foreach (var set in Gang.PodSets)
        {
            var pods = placement.Pods.Count(pod => pod.Role == set.Role);
            held = held.Plus(new ResourceList(set.Requests.Amounts.Select(entry => KeyValuePair.Create(entry.Key, entry.Value * pods))));
        }

        return held;
    }
}
