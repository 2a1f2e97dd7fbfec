using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling.Placing;

/// <summary>
/// What is free of nodes and quota at one moment: now, soon (when gangs that are being stopped have gone), or when a reservation begins.
/// For every shape of pod it knows how many fit on each node, and brings that up to date only where something changed.
/// </summary>
internal sealed class World
{
    private readonly SnapshotIndex _index;
    private readonly long[] _free;
    private readonly List<int> _changed = [];
    private readonly Dictionary<int, CapacityColumn> _columns = [];

    private readonly bool _isEmpty;

    private World(SnapshotIndex index, long[] free, bool isEmpty, QuotaUsage quota) =>
        (_index, _free, _isEmpty, Quota) = (index, free, isEmpty, quota);

    internal QuotaUsage Quota { get; }

    /// <summary>What is free now: what nodes offer less what pods of others and of placed gangs take.</summary>
    internal static World Now(SnapshotIndex index)
    {
        var free = (long[])index.Nodes.Allocatable.Clone();
        for (var at = 0; at < free.Length; at++)
        {
            free[at] -= index.Nodes.UsedByOthers[at];
        }

        var world = new World(index, free, false, new QuotaUsage(index.Queues));
        foreach (var gang in index.Gangs)
        {
            if (gang.Holding is { } holding)
            {
                world.Take(gang, holding);
            }
        }

        return world;
    }

    /// <summary>The cluster with no pod on it and every node in order: what does not fit there never fits.</summary>
    internal static World Empty(SnapshotIndex index) => new(index, (long[])index.Nodes.Allocatable.Clone(), true, new QuotaUsage(index.Queues));

    internal World Copy() => new(_index, (long[])_free.Clone(), _isEmpty, Quota.Copy());

    /// <summary>A gang's pods take their room and quota.</summary>
    internal void Take(GangEntry gang, Holding holding)
    {
        Change(gang, holding.Uses, -1);
        TakeQuota(gang, holding.Demand);
    }

    /// <summary>Quota alone.</summary>
    internal void TakeQuota(GangEntry gang, Demand demand)
    {
        if (gang.Queue >= 0)
        {
            Quota.Add(gang.Queue, demand);
        }
    }

    /// <summary>A gang's pods are gone.</summary>
    internal void Release(GangEntry gang, Holding holding)
    {
        Change(gang, holding.Uses, 1);
        ReleaseQuota(gang, holding.Demand);
    }

    /// <summary>Quota alone.</summary>
    internal void ReleaseQuota(GangEntry gang, Demand demand)
    {
        if (gang.Queue >= 0)
        {
            Quota.Remove(gang.Queue, demand);
        }
    }

    /// <summary>What a node has free, by resource; below 0 where it lost capacity that is in use.</summary>
    internal ReadOnlySpan<long> Free(int node) => _free.AsSpan(node * _index.Resources.Count, _index.Resources.Count);

    /// <summary>May pods of a shape start on a node, if there is room?</summary>
    internal bool Admits(PodShape shape, int node) =>
        _isEmpty ? shape.Filter.MayEver(node) : _index.Nodes.IsUsable[node] && shape.Filter.Cause(node) is null;

    /// <summary>How many pods of a shape fit on each node, and on all of them.</summary>
    internal CapacityColumn Capacities(PodShape shape)
    {
        if (!_columns.TryGetValue(shape.Number, out var column))
        {
            _columns[shape.Number] = column = new CapacityColumn(shape, this, _index.Nodes.Count, _changed.Count);
            return column;
        }

        column.Renew(this, _changed);
        return column;
    }

    /// <summary>How many pods of a shape fit on a node.</summary>
    internal int Capacity(PodShape shape, int node) => Admits(shape, node) ? shape.Capacity(Free(node)) : 0;

    private void Change(GangEntry gang, NodeUse[] uses, int sign)
    {
        foreach (var use in uses)
        {
            if (use.Node < 0)
            {
                continue;
            }

            var request = gang.Sets[use.Set].Request;
            var at = use.Node * request.Length;
            for (var resource = 0; resource < request.Length; resource++)
            {
                _free[at + resource] += sign * request[resource] * use.Count;
            }

            _changed.Add(use.Node);
        }
    }
}
