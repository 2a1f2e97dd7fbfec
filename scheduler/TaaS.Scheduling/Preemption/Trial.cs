using TaaS.Scheduling.Backfill;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Placing;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling.Preemption;

/// <summary>The cluster without some gangs, to see whether another then has room.</summary>
internal sealed class Trial
{
    private readonly FitSearch _search;
    private readonly GangEntry _gang;
    private readonly int[] _counts;
    private readonly List<GangEntry> _candidates;
    private readonly Moment[] _moments;
    private readonly World[] _worlds;

    private int _stopped;

    /// <summary>The moments, by victim, in which it would have been there.</summary>
    private readonly Dictionary<GangEntry, Moment[]> _left = [];

    internal Trial(FitSearch search, GangEntry gang, int[] counts, Moment soon, List<Moment> reserved, List<GangEntry> candidates)
    {
        (_search, _gang, _counts, _candidates) = (search, gang, counts, candidates);
        _moments = [soon.Copy(), .. reserved.Select(static moment => moment.Copy())];
        _worlds = [.. _moments.Select(static moment => moment.World)];
    }

    /// <summary>What the gang would use, as the last attempt found; null where it had no room.</summary>
    internal Holding? Holding { get; private set; }

    /// <summary>What is used of quotas without the victims and without the gang.</summary>
    internal QuotaUsage Usage => _worlds[0].Quota;

    /// <summary>Stops the first of the candidates, as many as said, and no others.</summary>
    /// <returns>Has the gang room then?</returns>
    internal bool StopFirst(int count)
    {
        for (; _stopped < count; _stopped++)
        {
            Stop(_candidates[_stopped]);
        }

        for (; _stopped > count; _stopped--)
        {
            Keep(_candidates[_stopped - 1]);
        }

        Holding = Fit();
        return Holding is not null;
    }

    /// <summary>Lets every gang stay that need not go: first all that are not on the gang's nodes, then one by one, the most harm first.</summary>
    /// <returns>Those that have to go.</returns>
    internal List<GangEntry> GiveBack()
    {
        var nodes = Holding!.Uses.Select(static use => use.Node).ToHashSet();
        var victims = _candidates.GetRange(0, _stopped);
        var elsewhere = victims.Where(victim => !victim.Holding!.Uses.Any(use => nodes.Contains(use.Node))).ToArray();
        var stopped = TryKeep(elsewhere) ? victims.Except(elsewhere).ToList() : victims;
        for (var at = stopped.Count - 1; at >= 0; at--)
        {
            if (TryKeep([stopped[at]]))
            {
                stopped.RemoveAt(at);
            }
        }

        return stopped;
    }

    private bool TryKeep(GangEntry[] victims)
    {
        foreach (var victim in victims)
        {
            Keep(victim);
        }

        if (Fit() is { } holding)
        {
            Holding = holding;
            return true;
        }

        foreach (var victim in victims)
        {
            Stop(victim);
        }

        return false;
    }

    private void Stop(GangEntry victim) => _left[victim] = [.. _moments.Where(moment => moment.Release(victim))];

    private void Keep(GangEntry victim)
    {
        foreach (var moment in _left[victim])
        {
            moment.Keep(victim);
        }
    }

    private Holding? Fit() => _search.TryFit(_gang, _counts, _worlds).Holding;
}
