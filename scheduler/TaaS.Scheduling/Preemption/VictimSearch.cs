using TaaS.Scheduling.Backfill;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Preemption;

/// <summary>
/// Finds the gangs to stop so that another can start, with least damage: those of lowest priority that started last, and none of them in vain. A set of victims
/// counts only if the gang has quota and a node for every pod without them, and not if any one of them could stay.
/// </summary>
internal sealed class VictimSearch(SnapshotIndex index, Outlook outlook, FitSearch search, PreemptionRights rights)
{
    private readonly Dictionary<int, GangEntry[]> _candidates = [];

    /// <summary>Looks for victims.</summary>
    /// <param name="gang">The gang that cannot start.</param>
    /// <param name="counts">Pods of every role.</param>
    /// <param name="reserved">Later moments that the gang must not disturb.</param>
    /// <param name="heightAhead">How far up those of its queue borrow that wait before it.</param>
    /// <returns>Null where no allowed set of victims makes room.</returns>
    internal Victims? Find(GangEntry gang, int[] counts, List<Moment> reserved, int heightAhead)
    {
        var allowed = Allowed(gang);
        if (allowed.Count == 0)
        {
            return null;
        }

        var trial = new Trial(search, gang, counts, outlook.Soon, reserved, allowed);
        if (!trial.StopFirst(allowed.Count))
        {
            return null;
        }

        var (low, high) = (1, allowed.Count);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (trial.StopFirst(middle))
            {
                high = middle;
            }
            else
            {
                low = middle + 1;
            }
        }

        if (!trial.StopFirst(high))
        {
            return null;
        }

        var needed = trial.GiveBack();
        return needed.Count == 0 ? null : Confirm(gang, trial.Holding!, trial.Usage, needed, heightAhead);
    }

    /// <summary>The gangs that may be stopped, the least harm first, as far as the rights go when those before have gone.</summary>
    private List<GangEntry> Allowed(GangEntry gang)
    {
        var allowed = new List<GangEntry>();
        var standing = new QuotaStanding(outlook, gang);
        foreach (var candidate in Candidates(index.Queues.Root[gang.Queue]))
        {
            if (!outlook.Soon.IsGone(candidate) && rights.Right(gang, candidate, standing) is not null)
            {
                allowed.Add(candidate);
                standing.Stop(candidate);
            }
        }

        return allowed;
    }

    /// <summary>Gangs of a tree of cohorts that run and may be stopped at all, the least harm first.</summary>
    private GangEntry[] Candidates(int root)
    {
        if (!_candidates.TryGetValue(root, out var candidates))
        {
            candidates = [.. index.Gangs.Where(other => other is { Gang: { IsPreemptible: true, Placement: not null }, Queue: >= 0 } && index.Queues.Root[other.Queue] == root)];
            Array.Sort(candidates, CompareHarm);
            _candidates[root] = candidates;
        }

        return candidates;
    }

    /// <summary>The rights once more, with exactly these victims; and none of them may be back before the gang.</summary>
    private Victims? Confirm(GangEntry gang, Holding holding, Quota.QuotaUsage without, List<GangEntry> needed, int heightAhead)
    {
        foreach (var victim in needed)
        {
            if (!rights.GoesFirst(gang, victim, without, heightAhead))
            {
                return null;
            }
        }

        var standing = new QuotaStanding(outlook, gang);
        var causes = new List<(GangEntry, PreemptionCause)>();
        foreach (var victim in needed.OrderBy(static victim => victim, Comparer<GangEntry>.Create(CompareHarm)))
        {
            if (rights.Right(gang, victim, standing) is not { } cause)
            {
                return null;
            }

            causes.Add((victim, cause));
            standing.Stop(victim);
        }

        return new Victims(holding, causes);
    }

    /// <summary>Lowest priority, then the least work lost, then the last submitted.</summary>
    private static int CompareHarm(GangEntry left, GangEntry right) =>
        left.Gang.Priority != right.Gang.Priority ? left.Gang.Priority.CompareTo(right.Gang.Priority)
        : left.Gang.PlacedAt != right.Gang.PlacedAt ? Nullable.Compare(right.Gang.PlacedAt, left.Gang.PlacedAt)
        : right.Rank.CompareTo(left.Rank);
}

/// <summary>Who is stopped, and what the gang gets of it.</summary>
/// <param name="Holding">Nodes and quota of the gang.</param>
/// <param name="Gangs">Those to stop, with the right to do so.</param>
internal sealed record Victims(Holding Holding, List<(GangEntry Gang, PreemptionCause Cause)> Gangs);
