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
        foreach (var node in shape.Nodes)
        {
            ByNode[node] = world.Capacity(shape, node);
            Total += ByNode[node];
        }
    }

    internal int[] ByNode { get; }

    /// <summary>On all nodes.</summary>
    internal long Total { get; private set; }

    /// <summary>Looks at the nodes that changed since.</summary>
    internal void Renew(World world, List<int> changed)
    {
        for (; _seen < changed.Count; _seen++)
        {
            var node = changed[_seen];
            var capacity = world.Capacity(_shape, node);
            Total += capacity - ByNode[node];
            ByNode[node] = capacity;
        }
    }
}
