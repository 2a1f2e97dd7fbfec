using System.Buffers;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Indexing;

/// <summary>
/// Nodes by number, in the order of their names, and in classes: nodes of a class have equal taints and equal values of every label that any gang or flavor
/// asks about, so a filter is worked out once a class. A host's own name, which every node carries as a label, makes no classes unless somebody asks for it.
/// </summary>
internal sealed class NodeIndex
{
    private readonly Dictionary<string, int> _indices;

    internal NodeIndex(ClusterSnapshot snapshot, ResourceIndex resources)
    {
        _indices = new(snapshot.Nodes.Count, StringComparer.Ordinal);
        var nodes = snapshot.Nodes.ToArray();
        Array.Sort(nodes, static (left, right) => string.CompareOrdinal(left.Name, right.Name));
        Nodes = nodes;
        Allocatable = new long[Nodes.Length * resources.Count];
        UsedByOthers = new long[Nodes.Length * resources.Count];
        ClassOf = new int[Nodes.Length];
        IsUsable = new bool[Nodes.Length];
        HasAccelerator = new bool[Nodes.Length];
        var keys = NodeLabelKeys.Asked(snapshot);
        var classes = new Dictionary<string, int>(StringComparer.Ordinal);
        var classesByKey = classes.GetAlternateLookup<ReadOnlySpan<char>>();
        var representatives = new List<Node>();
        var key = new ArrayBufferWriter<char>();
        for (var index = 0; index < Nodes.Length; index++)
        {
            var node = Nodes[index];
            _indices.TryAdd(node.Name, index);
            HasAccelerator[index] = resources.Offered(node.Allocatable, Allocatable.AsSpan(index * resources.Count));
            resources.Offered(node.UsedByOthers, UsedByOthers.AsSpan(index * resources.Count));
            IsUsable[index] = node.IsReady && !node.IsUnschedulable && _indices[node.Name] == index;
            NodeLabelKeys.WriteClass(node, keys, key);
            if (!classesByKey.TryGetValue(key.WrittenSpan, out var number))
            {
                classes[key.WrittenSpan.ToString()] = number = representatives.Count;
                representatives.Add(node);
            }

            ClassOf[index] = number;
        }

        Classes = [.. representatives];
        Capacity = new long[resources.Count];
        for (var index = 0; index < Allocatable.Length; index++)
        {
            Capacity[index % resources.Count] = Amount.Sum(Capacity[index % resources.Count], Allocatable[index]);
        }
    }

    internal Node[] Nodes { get; }

    /// <summary>By node, then resource.</summary>
    internal long[] Allocatable { get; }

    /// <summary>By node, then resource: what pods that are none of ours take.</summary>
    internal long[] UsedByOthers { get; }

    /// <summary>Class of every node.</summary>
    internal int[] ClassOf { get; }

    /// <summary>One node of each class.</summary>
    internal Node[] Classes { get; }

    /// <summary>Ready and not cordoned.</summary>
    internal bool[] IsUsable { get; }

    /// <summary>Does the node offer any device?</summary>
    internal bool[] HasAccelerator { get; }

    /// <summary>What all nodes offer together, by resource.</summary>
    internal long[] Capacity { get; }

    internal int Count => Nodes.Length;

    /// <summary>Number of a node; −1 for one that is not there.</summary>
    internal int Find(string name) => _indices.GetValueOrDefault(name, -1);
}

/// <summary>Which labels tell nodes apart.</summary>
internal static class NodeLabelKeys
{
    /// <summary>Every label that a gang or a flavor asks about.</summary>
    internal static string[] Asked(ClusterSnapshot snapshot)
    {
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var flavor in snapshot.Flavors)
        {
            keys.UnionWith(flavor.Spec.NodeLabels.Keys);
        }

        foreach (var gang in snapshot.Gangs)
        {
            for (var at = 0; at < gang.PodSets.Count; at++)
            {
                var set = gang.PodSets[at];
                if (set.NodeSelector.Count > 0 || set.Affinity.Required.Count > 0 || set.Affinity.Preferred.Count > 0)
                {
                    keys.UnionWith(set.NodeSelector.Keys);
                    keys.UnionWith(set.Affinity.Required.SelectMany(static term => term.Expressions).Select(static expression => expression.Key));
                    keys.UnionWith(set.Affinity.Preferred.SelectMany(static preferred => preferred.Term.Expressions).Select(static expression => expression.Key));
                }
            }
        }

        return [.. keys];
    }

    /// <summary>Writes what is equal for nodes of a class.</summary>
    internal static void WriteClass(Node node, string[] keys, ArrayBufferWriter<char> key)
    {
        key.ResetWrittenCount();
        foreach (var label in keys)
        {
            if (node.Labels.TryGetValue(label, out var value))
            {
                key.Write(label);
                key.Write("=");
                key.Write(value);
            }

            key.Write("\n");
        }

        if (node.Taints.Count == 0)
        {
            return;
        }

        foreach (var taint in node.Taints.OrderBy(static taint => taint.Key, StringComparer.Ordinal).ThenBy(static taint => taint.Value, StringComparer.Ordinal).ThenBy(static taint => taint.Effect, StringComparer.Ordinal))
        {
            key.Write($"{taint.Key}={taint.Value}:{taint.Effect}\n");
        }
    }
}
