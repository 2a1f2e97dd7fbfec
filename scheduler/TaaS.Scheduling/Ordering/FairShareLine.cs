using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling.Ordering;

/// <summary>
/// A knock-out among the members of every cohort, from the queues up. Whoever stays within nominal quota goes before those that borrow; then the member that
/// has borrowed least for its weight, then the one that would have after its turn, then the one that uses least of the cluster, then the gang that waits longest.
/// </summary>
internal sealed class FairShareLine : Line
{
    private readonly QuotaTree _tree;
    private readonly QuotaUsage _usage;
    private readonly DominantShare _shares;
    private readonly GangEntry[][] _queues;
    private readonly int[] _next;
    private readonly int[] _tops;
    private readonly GangEntry?[] _winners;
    private readonly TurnKey[] _keys;

    internal FairShareLine(QuotaTree tree, QuotaUsage usage, DominantShare shares, IEnumerable<GangEntry> gangs)
    {
        (_tree, _usage, _shares) = (tree, usage, shares);
        _queues = new GangEntry[tree.Queues.Length][];
        Array.Fill(_queues, []);
        foreach (var queue in gangs.GroupBy(static gang => gang.Queue))
        {
            _queues[queue.Key] = [.. queue];
            Array.Sort(_queues[queue.Key], GangEntry.CompareInQueue);
        }

        _next = new int[tree.Queues.Length];
        _winners = new GangEntry?[tree.Count];
        _keys = new TurnKey[tree.Count];
        _tops = [.. Enumerable.Range(0, tree.Count).Where(node => tree.Parent[node] < 0)];
        foreach (var top in _tops)
        {
            RefreshBelow(top);
        }
    }

    internal override GangEntry? Next()
    {
        var best = -1;
        foreach (var top in _tops)
        {
            best = Better(best, top);
        }

        return best < 0 ? null : _winners[best];
    }

    internal override void Done(GangEntry gang)
    {
        _next[gang.Queue]++;
        var node = gang.Queue;
        if (gang.Holding is not null)
        {
            // Relatives below the top may have begun to borrow from further up; and one that got room but cannot start yet may have had others stopped anywhere.
            while (_tree.Parent[node] >= 0 && (gang.IsWaiting || _tree.Parent[_tree.Parent[node]] >= 0))
            {
                node = _tree.Parent[node];
            }
        }

        RefreshBelow(node);
        for (node = _tree.Parent[node]; node >= 0; node = _tree.Parent[node])
        {
            RefreshCohort(node);
        }
    }

    private void RefreshBelow(int node)
    {
        if (node < _tree.Queues.Length)
        {
            SetWinner(node, _next[node] < _queues[node].Length ? _queues[node][_next[node]] : null);
            return;
        }

        foreach (var child in _tree.Children[node])
        {
            RefreshBelow(child);
        }

        RefreshCohort(node);
    }

    private void RefreshCohort(int node)
    {
        var best = -1;
        foreach (var child in _tree.Children[node])
        {
            best = Better(best, child);
        }

        SetWinner(node, best < 0 ? null : _winners[best]);
    }

    private void SetWinner(int node, GangEntry? winner)
    {
        _winners[node] = winner;
        if (winner is not null)
        {
            _keys[node] = TurnKey.Of(_usage, _shares, node, winner);
        }
    }

    private int Better(int best, int other) =>
        _winners[other] is null ? best
        : best < 0 ? other
        : Compare(other, best) < 0 ? other : best;

    private int Compare(int left, int right) =>
        _keys[left].CompareTo(_keys[right]) is not 0 and var order ? order : _winners[left]!.Rank.CompareTo(_winners[right]!.Rank);
}

/// <summary>What decides between two members of a cohort.</summary>
/// <param name="Height">How far up the gang would borrow.</param>
/// <param name="Borrowed">What the member has borrowed, by weight.</param>
/// <param name="BorrowedAfter">The same with the gang.</param>
/// <param name="OfCluster">What the member uses of the cluster, by weight.</param>
internal readonly record struct TurnKey(int Height, double Borrowed, double BorrowedAfter, double OfCluster) : IComparable<TurnKey>
{
    internal static TurnKey Of(QuotaUsage usage, DominantShare shares, int node, GangEntry gang) =>
        new(usage.BorrowingHeight(gang.Queue, gang.Asks), shares.Borrowed(usage, node), shares.Borrowed(usage, node, gang.Asks), shares.OfCluster(usage, node));

    /// <inheritdoc/>
    public int CompareTo(TurnKey other) =>
        Height != other.Height ? Height.CompareTo(other.Height)
        : Borrowed != other.Borrowed ? Borrowed.CompareTo(other.Borrowed)
        : BorrowedAfter != other.BorrowedAfter ? BorrowedAfter.CompareTo(other.BorrowedAfter)
        : OfCluster.CompareTo(other.OfCluster);
}
