using TaaS.Jobs;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling.Preemption;

/// <summary>
/// Whose gangs may be stopped for whom. Every rule keeps the peace: the one that was stopped could not by the same rules, nor by its place in the line, take
/// the room back from the one that stopped it.
/// </summary>
internal sealed class PreemptionRights(SnapshotIndex index, DominantShare shares, SchedulerOptions options)
{
    /// <summary>By what right may a gang be stopped for another?</summary>
    /// <param name="gang">The one that waits.</param>
    /// <param name="victim">The one that runs.</param>
    /// <param name="standing">How quotas stand with the victims gone that were chosen so far.</param>
    /// <returns>Null for none.</returns>
    internal PreemptionCause? Right(GangEntry gang, GangEntry victim, QuotaStanding standing)
    {
        if (victim.Queue == gang.Queue)
        {
            return MayStopInQueue(gang, victim) ? PreemptionCause.Priority : null;
        }

        var tree = index.Queues;
        if (victim.Queue < 0 || tree.Root[victim.Queue] != tree.Root[gang.Queue] || !ReclaimAllows(gang, victim))
        {
            return null;
        }

        var (mine, theirs) = MembersOfNearestCohort(gang.Queue, victim.Queue);
        for (var node = victim.Queue; ; node = tree.Parent[node])
        {
            // Nobody who keeps within nominal quota pays for relatives that do not.
            if (!BorrowsForVictim(standing.Held, node, gang, victim))
            {
                return null;
            }

            if (node == theirs)
            {
                break;
            }
        }

        if (!standing.Used.IsBorrowing(mine, gang.Asks, withDemand: false))
        {
            return PreemptionCause.Reclaim;
        }

        if (options.Policy != QueueingPolicy.FairShare || !options.FairSharePreemption)
        {
            return null;
        }

        standing.Used.Remove(victim.Queue, victim.Holding!.Demand);
        var fair = shares.Borrowed(standing.Used, mine) <= shares.Borrowed(standing.Used, theirs);
        standing.Used.Add(victim.Queue, victim.Holding.Demand);
        return fair ? PreemptionCause.FairShare : null;
    }

    /// <summary>Will the waiting gang have its turn before its victim, once that waits as well? If not, the victim would come back first.</summary>
    /// <param name="gang">The one that waits.</param>
    /// <param name="victim">The one that runs.</param>
    /// <param name="usage">What is used with all victims gone and the gang not yet there.</param>
    /// <param name="heightAhead">How far up those of the gang's queue borrow that wait before it.</param>
    internal bool GoesFirst(GangEntry gang, GangEntry victim, QuotaUsage usage, int heightAhead)
    {
        if (victim.Queue == gang.Queue || options.Policy == QueueingPolicy.Fifo)
        {
            return GangEntry.CompareInQueue(gang, victim) < 0;
        }

        var (mine, theirs) = MembersOfNearestCohort(gang.Queue, victim.Queue);
        var (height, other) = (Math.Max(heightAhead, usage.BorrowingHeight(gang.Queue, gang.Asks)), usage.BorrowingHeight(victim.Queue, victim.Holding!.Demand));
        return height != other ? height < other : shares.Borrowed(usage, mine) < shares.Borrowed(usage, theirs);
    }

    private bool MayStopInQueue(GangEntry gang, GangEntry victim) => index.Queues.Queues[gang.Queue].Spec.WithinQueue switch
    {
        PreemptionPolicy.LowerPriority => victim.Gang.Priority < gang.Gang.Priority,
        PreemptionPolicy.Any => GangEntry.CompareInQueue(gang, victim) < 0,
        _ => false,
    };

    private bool ReclaimAllows(GangEntry gang, GangEntry victim) => index.Queues.Queues[gang.Queue].Spec.ReclaimWithinCohort switch
    {
        PreemptionPolicy.LowerPriority => victim.Gang.Priority < gang.Gang.Priority,
        PreemptionPolicy.Any => true,
        _ => false,
    };

    /// <summary>Does the queue or cohort use more than its nominal quota of something that the victim holds and the gang asks for?</summary>
    private bool BorrowsForVictim(QuotaUsage held, int node, GangEntry gang, GangEntry victim)
    {
        foreach (var cell in victim.Holding!.Demand.Cells)
        {
            if (held.Used(node, cell) > index.Queues.Nominal[node * index.Queues.Cells + cell] && AsksFor(gang, cell))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Does it ask for the cell out of quota that its queue has?</summary>
    private bool AsksFor(GangEntry gang, int cell) =>
        !index.Queues.IsUnlimited(gang.Queue, cell)
        && gang.Sets.Any(set => set.Request[cell % index.Resources.Count] > 0 && set.Flavors.Contains(cell / index.Resources.Count));

    /// <summary>The two members of the nearest common cohort on whose sides the queues are.</summary>
    private (int Mine, int Theirs) MembersOfNearestCohort(int mine, int theirs)
    {
        var tree = index.Queues;
        var path = new List<int>();
        for (var node = mine; node >= 0; node = tree.Parent[node])
        {
            path.Add(node);
        }

        for (var node = theirs; ; node = tree.Parent[node])
        {
            if (path.IndexOf(tree.Parent[node]) is var at and > 0)
            {
                return (path[at - 1], node);
            }
        }
    }
}
