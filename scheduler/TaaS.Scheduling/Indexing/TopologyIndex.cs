namespace TaaS.Scheduling.Indexing;

/// <summary>Domains of nodes that are near each other, by label.</summary>
internal sealed class TopologyIndex(NodeIndex nodes)
{
    private readonly Dictionary<string, TopologyLevel> _levels = new(StringComparer.Ordinal);

    /// <summary>The domains of a label.</summary>
    internal TopologyLevel Level(string key)
    {
        if (!_levels.TryGetValue(key, out var level))
        {
            _levels[key] = level = new TopologyLevel(key, nodes);
        }

        return level;
    }
}

/// <summary>Nodes by the value of one label.</summary>
internal sealed class TopologyLevel
{
    private readonly int[] _nodes;
    private readonly int[] _starts;

    internal TopologyLevel(string key, NodeIndex nodes)
    {
        Key = key;
        DomainOf = new int[nodes.Count];
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var index = 0; index < nodes.Count; index++)
        {
            DomainOf[index] = -1;
            if (nodes.Nodes[index].Labels.TryGetValue(key, out var value))
            {
                seen.TryAdd(value, seen.Count);
                DomainOf[index] = seen[value];
            }
        }

        Names = [.. seen.Keys.Order(StringComparer.Ordinal)];
        var numbers = new int[Names.Length];
        for (var number = 0; number < Names.Length; number++)
        {
            numbers[seen[Names[number]]] = number;
        }

        _starts = new int[Names.Length + 1];
        for (var index = 0; index < nodes.Count; index++)
        {
            if (DomainOf[index] >= 0)
            {
                DomainOf[index] = numbers[DomainOf[index]];
                _starts[DomainOf[index] + 1]++;
            }
        }

        for (var index = 0; index < Names.Length; index++)
        {
            _starts[index + 1] += _starts[index];
        }

        _nodes = new int[_starts[^1]];
        var next = (int[])_starts.Clone();
        for (var index = 0; index < nodes.Count; index++)
        {
            if (DomainOf[index] >= 0)
            {
                _nodes[next[DomainOf[index]]++] = index;
            }
        }
    }

    internal string Key { get; }

    /// <summary>Values of the label.</summary>
    internal string[] Names { get; }

    /// <summary>Domain of every node; −1 where the label is missing.</summary>
    internal int[] DomainOf { get; }

    internal int Count => Names.Length;

    /// <summary>Are there nodes that are not in one domain with all others?</summary>
    internal bool TellsNodesApart => Count > 1 || (Count == 1 && _nodes.Length < DomainOf.Length);

    internal ReadOnlySpan<int> NodesOf(int domain) => _nodes.AsSpan(_starts[domain], _starts[domain + 1] - _starts[domain]);
}
