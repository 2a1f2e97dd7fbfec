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
    private readonly GangEntry[] _victims;
    private readonly Moment[] _moments;
    private readonly World[] _worlds;

    /// <summary>The moments, by victim, in which it would have been there.</summary>
    private readonly Dictionary<GangEntry, Moment[]> _left = [];

    internal Trial(FitSearch search, GangEntry gang, int[] counts, Moment soon, List<Moment> reserved, GangEntry[] victims)
    {
        (_search, _gang, _counts, _victims) = (search, gang, counts, victims);
        _moments = [soon.Copy(), .. reserved.Select(static moment => moment.Copy())];
        _worlds = [.. _moments.Select(static moment => moment.World)];
        foreach (var victim in victims)
        {
            Stop(victim);
        }

        Holding = Fit();
    }

    /// <summary>What the gang would use; null where it has no room.</summary>
    internal Holding? Holding { get; private set; }

    /// <summary>What is used of quotas without the victims and without the gang.</summary>
    internal QuotaUsage Usage => _worlds[0].Quota;

    /// <summary>Lets every gang stay that need not go: first all that are not on the gang's nodes, then one by one, the most harm first.</summary>
    /// <returns>Those that have to go.</returns>
    internal List<GangEntry> GiveBack()
    {
        var nodes = Holding!.Uses.Select(static use => use.Node).ToHashSet();
        var elsewhere = _victims.Where(victim => !victim.Holding!.Uses.Any(use => nodes.Contains(use.Node))).ToArray();
        var stopped = TryKeep(elsewhere) ? _victims.Except(elsewhere).ToList() : [.. _victims];
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
            foreach (var moment in _left[victim])
            {
                moment.Keep(victim);
            }
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

    private Holding? Fit() => _search.TryFit(_gang, _counts, _worlds).Holding;
}
