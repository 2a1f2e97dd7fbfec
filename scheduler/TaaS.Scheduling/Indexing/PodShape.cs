namespace TaaS.Scheduling.Indexing;

/// <summary>Pods that look alike to a node: equal requests, equal rules, equal flavor. What is known of nodes for one holds for all.</summary>
internal sealed class PodShape
{
    private readonly int[]? _tiers;

    internal PodShape(int number, NodeFilter filter, long[] request, NodeIndex nodes, ResourceIndex resources)
    {
        Number = number;
        Filter = filter;
        Request = request;
        Resources = [.. Enumerable.Range(0, request.Length).Where(resource => request[resource] > 0)];
        WantsAccelerator = Resources.Any(resource => resources.IsAccelerator[resource]);
        Nodes = filter.Candidates;
        var tiers = new int[nodes.Count];
        var distinct = new SortedSet<int>();
        foreach (var node in Nodes)
        {
            // Nodes with devices are for those that need them, if the rules leave the choice.
            tiers[node] = 2 * filter.Gladness(node) - (nodes.HasAccelerator[node] && !WantsAccelerator ? 1 : 0);
            distinct.Add(tiers[node]);
        }

        Tiers = [.. distinct.Reverse()];
        _tiers = Tiers.Length > 1 ? tiers : null;
    }

    /// <summary>Place in the list of shapes.</summary>
    internal int Number { get; }

    internal NodeFilter Filter { get; }

    /// <summary>What one pod takes, by resource.</summary>
    internal long[] Request { get; }

    /// <summary>Resources of which a pod takes any.</summary>
    internal int[] Resources { get; }

    /// <summary>Nodes that no lasting rule keeps out, in order.</summary>
    internal int[] Nodes { get; }

    internal bool WantsAccelerator { get; }

    /// <summary>Different degrees of preference among the nodes, the best first.</summary>
    internal int[] Tiers { get; }

    /// <summary>How much the pods would like a node, where they care.</summary>
    internal int Tier(int node) => _tiers is null ? Tiers[0] : _tiers[node];

    /// <summary>How many such pods fit into what a node has free.</summary>
    internal int Capacity(ReadOnlySpan<long> free)
    {
        var capacity = (long)int.MaxValue;
        foreach (var resource in Resources)
        {
            var available = free[resource];
            var request = Request[resource];
            if (available < request)
            {
                return 0;
            }

            if (request > 1)
            {
                available /= request;
            }

            capacity = Math.Min(capacity, available);
        }

        return (int)capacity;
    }
}
