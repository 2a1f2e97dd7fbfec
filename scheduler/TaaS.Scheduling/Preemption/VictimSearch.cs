using TaaS.Scheduling.Backfill;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Preemption;

/// <summary>
/// Finds the gangs to stop so that another can start, with least damage: those of lowest priority that started last, and none of them in vain. A set of victims
/// counts only if the gang has quota and a node for every pod without them, and not if any one of them could stay.
/// </summary>
internal sealed class VictimSearch(SnapshotIndex index, FitSearch search, PreemptionRights rights)
{
    /// <summary>Looks for victims.</summary>
    /// <param name="gang">The gang that cannot start.</param>
    /// <param name="counts">Pods of every role.</param>
    /// <param name="soon">The cluster when gangs that are being stopped already have gone.</param>
    /// <param name="reserved">Later moments that the gang must not disturb.</param>
    /// <param name="heightAhead">How far up those of its queue borrow that wait before it.</param>
    /// <returns>Null where no allowed set of victims makes room.</returns>
    internal Victims? Find(GangEntry gang, int[] counts, Moment soon, List<Moment> reserved, int heightAhead)
    {
        var allowed = Allowed(gang, soon);
        if (allowed.Count == 0 || Fit(gang, counts, soon, reserved, allowed, allowed.Count) is null)
        {
            return null;
        }

        var (low, high) = (1, allowed.Count);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (Fit(gang, counts, soon, reserved, allowed, middle) is null)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        var trial = new Trial(search, gang, counts, soon, reserved, [.. allowed.Take(low).Select(static candidate => candidate.Gang)]);
        var needed = trial.GiveBack();
        if (trial.Holding is not { } holding || needed.Count == 0)
        {
            return null;
        }

        return Confirm(gang, holding, trial.Usage, needed, heightAhead);
    }

    /// <summary>The gangs that may be stopped, the least harm first, as far as the rights go when those before have gone.</summary>
    private List<(GangEntry Gang, PreemptionCause Cause)> Allowed(GangEntry gang, Moment soon)
    {
        var root = index.Queues.Root[gang.Queue];
        var candidates = index.Gangs.Where(other =>
            other is { Gang: { IsPreemptible: true, Placement: not null }, Queue: >= 0 } && index.Queues.Root[other.Queue] == root && !soon.IsGone(other)).ToArray();
        Array.Sort(candidates, CompareHarm);
        var allowed = new List<(GangEntry, PreemptionCause)>();
        var usage = soon.World.Quota.Copy();
        usage.Add(gang.Queue, gang.Asks);
        foreach (var candidate in candidates)
        {
            if (rights.Right(gang, candidate, usage) is { } cause)
            {
                allowed.Add((candidate, cause));
                usage.Remove(candidate.Queue, candidate.Holding!.Demand);
            }
        }

        return allowed;
    }

    private Holding? Fit(GangEntry gang, int[] counts, Moment soon, List<Moment> reserved, List<(GangEntry Gang, PreemptionCause Cause)> allowed, int stopped) =>
        new Trial(search, gang, counts, soon, reserved, [.. allowed.Take(stopped).Select(static candidate => candidate.Gang)]).Holding;

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

        var usage = without.Copy();
        foreach (var victim in needed)
        {
            usage.Add(victim.Queue, victim.Holding!.Demand);
        }

        usage.Add(gang.Queue, gang.Asks);
        var causes = new List<(GangEntry, PreemptionCause)>();
        foreach (var victim in needed.OrderBy(static victim => victim, Comparer<GangEntry>.Create(CompareHarm)))
        {
            if (rights.Right(gang, victim, usage) is not { } cause)
            {
                return null;
            }

            causes.Add((victim, cause));
            usage.Remove(victim.Queue, victim.Holding!.Demand);
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
