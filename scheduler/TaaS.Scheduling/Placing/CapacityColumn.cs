using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Placing;

/// <summary>How many pods of one shape fit on each node of a world.</summary>
internal sealed class CapacityColumn
{
    private readonly PodShape _shape;
    private int _seen;

    internal CapacityColumn(PodShape shape, World world, int nodes, int seen)
    {
        _shape = shape;
        _seen = seen;
        ByNode = new int[nodes];
        CountAll(world);
    }

    internal int[] ByNode { get; }

    /// <summary>On all nodes.</summary>
    internal long Total { get; private set; }

    /// <summary>Looks at the nodes that changed since, or at all where that is less work.</summary>
    internal void Renew(World world, List<int> changed)
    {
        if (changed.Count - _seen > _shape.Nodes.Length)
        {
            CountAll(world);
            _seen = changed.Count;
            return;
        }

        for (; _seen < changed.Count; _seen++)
        {
            var node = changed[_seen];
            var capacity = world.Capacity(_shape, node);
            Total += capacity - ByNode[node];
            ByNode[node] = capacity;
        }
    }

    private void CountAll(World world)
    {
        Total = 0;
        foreach (var node in _shape.Nodes)
        {
            ByNode[node] = world.Capacity(_shape, node);
            Total += ByNode[node];
        }
    }
}
