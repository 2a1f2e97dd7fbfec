using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Quota;

/// <summary>What every queue and cohort uses, and what is left of it. What a queue uses beyond what it keeps for itself counts in its cohorts.</summary>
internal sealed class QuotaUsage
{
    private readonly QuotaTree _tree;
    private readonly long[] _used;
    private readonly long[] _totals;

    internal QuotaUsage(QuotaTree tree)
    {
        _tree = tree;
        _used = new long[tree.Count * tree.Cells];
        _totals = new long[tree.Count * tree.Resources];
    }

    private QuotaUsage(QuotaUsage other)
    {
        _tree = other._tree;
        _used = (long[])other._used.Clone();
        _totals = (long[])other._totals.Clone();
    }

    internal QuotaUsage Copy() => new(this);

    /// <summary>What a queue uses of a cell, or the members of a cohort beyond what they keep for themselves.</summary>
    internal long Used(int node, int cell) => _used[node * _tree.Cells + cell];

    /// <summary>What is used of a resource over all flavors, by a queue or by all queues of a cohort.</summary>
    internal long Total(int node, int resource) => _totals[node * _tree.Resources + resource];

    /// <summary>How much of a cell a queue may use beyond what it does.</summary>
    internal long Available(int queue, int cell)
    {
        if (_tree.IsUnlimited(queue, cell))
        {
            return long.MaxValue;
        }

        var at = queue * _tree.Cells + cell;
        var used = _used[at];
        if (!_tree.IsNamed[at])
        {
            return 0;
        }

        if (_tree.Parent[queue] < 0)
        {
            return _tree.Nominal[at] - used;
        }

        var root = _tree.Root[queue] * _tree.Cells + cell;
        var local = _tree.Local[at];
        var fromCohort = Math.Max(0, _tree.Nominal[root] - _used[root]);
        var mayTake = _tree.Nominal[at] - local + _tree.Borrowing[at] - Math.Max(0, used - local);
        return Math.Max(0, local - used) + Math.Max(0, Math.Min(fromCohort, mayTake));
    }

    /// <summary>The first cell of which the queue has too little left; −1 where all of the demand fits.</summary>
    internal int FirstShort(int queue, Demand demand)
    {
        for (var index = 0; index < demand.Cells.Length; index++)
        {
            if (demand.Amounts[index] > Available(queue, demand.Cells[index]))
            {
                return demand.Cells[index];
            }
        }

        return -1;
    }

    internal bool Fits(int queue, Demand demand) => FirstShort(queue, demand) < 0;

    /// <summary>Takes a demand from the queue's quota, whether it fits or not.</summary>
    internal void Add(int queue, Demand demand) => Change(queue, demand, 1);

    /// <summary>Gives it back.</summary>
    internal void Remove(int queue, Demand demand) => Change(queue, demand, -1);

    /// <summary>
    /// Up to which level the queue would use more than the nominal quota there: 0 for within its own, 1 when it borrows within its cohort, and so on upwards.
    /// The top level counts as borrowing whether or not there is room.
    /// </summary>
    internal int BorrowingHeight(int queue, Demand demand)
    {
        var height = 0;
        for (var index = 0; index < demand.Cells.Length; index++)
        {
            height = Math.Max(height, BorrowingHeight(queue, demand.Cells[index], demand.Amounts[index]));
        }

        return height;
    }

    /// <summary>Would a queue or cohort use more of any of the demand's cells than its nominal quota?</summary>
    internal bool IsBorrowing(int node, Demand demand, bool withDemand)
    {
        for (var index = 0; index < demand.Cells.Length; index++)
        {
            if (demand.Amounts[index] > 0 && Used(node, demand.Cells[index]) + (withDemand ? demand.Amounts[index] : 0) > _tree.Nominal[node * _tree.Cells + demand.Cells[index]]
                && !(node < _tree.Queues.Length && _tree.IsUnlimited(node, demand.Cells[index])))
            {
                return true;
            }
        }

        return false;
    }

    private int BorrowingHeight(int queue, int cell, long amount)
    {
        if (_tree.IsUnlimited(queue, cell))
        {
            return 0;
        }

        var height = 0;
        for (var node = queue; node >= 0; node = _tree.Parent[node])
        {
            if ((_tree.Parent[node] >= 0 || node == queue) && Amount.Sum(Used(node, cell), amount) <= _tree.Nominal[node * _tree.Cells + cell])
            {
                return height;
            }

            if (node == queue)
            {
                // What the queue keeps for itself does not come from its cohort.
                amount -= Math.Max(0, Math.Min(amount, _tree.Local[queue * _tree.Cells + cell] - Used(queue, cell)));
            }

            height++;
        }

        return height - 1;
    }

    private void Change(int queue, Demand demand, int sign)
    {
        for (var index = 0; index < demand.Cells.Length; index++)
        {
            var cell = demand.Cells[index];
            if (_tree.IsUnlimited(queue, cell))
            {
                continue;
            }

            var at = queue * _tree.Cells + cell;
            var before = Math.Max(0, _used[at] - _tree.Local[at]);
            _used[at] += sign * demand.Amounts[index];
            var beyond = Math.Max(0, _used[at] - _tree.Local[at]) - before;
            for (var node = queue; node >= 0; node = _tree.Parent[node])
            {
                _totals[node * _tree.Resources + cell % _tree.Resources] += sign * demand.Amounts[index];
                if (node != queue)
                {
                    _used[node * _tree.Cells + cell] += beyond;
                }
            }
        }
    }
}
