using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Placing;

/// <summary>Takes nodes for pods of one set out of a list of nodes, by preference, then by how well they fit.</summary>
internal sealed class NodePicker(CapacityScratch scratch)
{
    /// <summary>Capacities above this count as equal where nodes are sorted by them.</summary>
    private const int Buckets = 512;

    private readonly int[] _starts = new int[Buckets + 2];
    private int[] _sorted = [];

    /// <summary>
    /// On few nodes, so that whole ones stay free: the node on which all that remain fit most tightly, or else the roomiest nodes until one holds the rest.
    /// </summary>
    /// <returns>How many found no place.</returns>
    internal int Pack(PodShape shape, int set, int flavor, ReadOnlySpan<int> nodes, int count, List<NodeUse> uses)
    {
        foreach (var tier in shape.Tiers)
        {
            if (count == 0)
            {
                break;
            }

            var best = Tightest(shape, tier, nodes, count);
            if (best >= 0)
            {
                Take(shape, set, flavor, best, count, uses);
                return 0;
            }

            count = PackSorted(shape, set, flavor, Sort(shape, tier, nodes, 0), count, uses);
        }

        return count;
    }

    /// <summary>On many nodes: one pod each, then a second round, and so on; the emptiest nodes first where that is the aim, or else the fullest, which keeps whole ones free.</summary>
    /// <returns>How many found no place.</returns>
    internal int Spread(PodShape shape, int set, int flavor, ReadOnlySpan<int> nodes, int count, bool emptiestFirst, List<NodeUse> uses)
    {
        var sorted = 0;
        foreach (var tier in shape.Tiers)
        {
            var span = Sort(shape, tier, nodes, sorted);
            if (!emptiestFirst)
            {
                span.Reverse();
            }

            sorted += span.Length;
        }

        var (start, given) = (uses.Count, new int[sorted]);
        for (var placed = true; count > 0 && placed;)
        {
            placed = false;
            for (var at = 0; at < sorted && count > 0; at++)
            {
                if (scratch.Capacities[_sorted[at]] > given[at])
                {
                    given[at]++;
                    count--;
                    placed = true;
                }
            }
        }

        for (var at = 0; at < sorted; at++)
        {
            if (given[at] > 0)
            {
                Take(shape, set, flavor, _sorted[at], given[at], uses);
            }
        }

        return count;
    }

    private int Tightest(PodShape shape, int tier, ReadOnlySpan<int> nodes, int count)
    {
        var (best, room) = (-1, int.MaxValue);
        var capacities = scratch.Capacities;
        foreach (var node in nodes)
        {
            if (capacities[node] >= count && capacities[node] < room && shape.Tier(node) == tier)
            {
                (best, room) = (node, capacities[node]);
                if (room == count)
                {
                    break;
                }
            }
        }

        return best;
    }

    /// <summary>No node here holds all; each that is taken holds less than what remains, until one of those behind it holds the rest.</summary>
    private int PackSorted(PodShape shape, int set, int flavor, ReadOnlySpan<int> sorted, int count, List<NodeUse> uses)
    {
        for (var at = 0; at < sorted.Length && count > 0; at++)
        {
            var capacity = scratch.Capacities[sorted[at]];
            if (capacity < count)
            {
                Take(shape, set, flavor, sorted[at], capacity, uses);
                count -= capacity;
                continue;
            }

            var last = at;
            while (last + 1 < sorted.Length && scratch.Capacities[sorted[last + 1]] >= count)
            {
                last++;
            }

            // Of equally tight nodes the first by name, as everywhere.
            while (last > at && scratch.Capacities[sorted[last - 1]] == scratch.Capacities[sorted[last]])
            {
                last--;
            }

            Take(shape, set, flavor, sorted[last], count, uses);
            return 0;
        }

        return count;
    }

    /// <summary>Nodes of a tier that have any room, the roomiest first, then by name; from a place in the list on.</summary>
    private Span<int> Sort(PodShape shape, int tier, ReadOnlySpan<int> nodes, int from)
    {
        if (_sorted.Length < from + nodes.Length)
        {
            Array.Resize(ref _sorted, from + nodes.Length);
        }

        Array.Clear(_starts);
        var capacities = scratch.Capacities;
        foreach (var node in nodes)
        {
            if (capacities[node] > 0 && shape.Tier(node) == tier)
            {
                _starts[Bucket(capacities[node]) + 1]++;
            }
        }

        for (var bucket = 1; bucket < _starts.Length; bucket++)
        {
            _starts[bucket] += _starts[bucket - 1];
        }

        var total = _starts[^1];
        foreach (var node in nodes)
        {
            if (capacities[node] > 0 && shape.Tier(node) == tier)
            {
                _sorted[from + _starts[Bucket(capacities[node])]++] = node;
            }
        }

        return _sorted.AsSpan(from, total);
    }

    private static int Bucket(int capacity) => Buckets - Math.Min(capacity, Buckets);

    private void Take(PodShape shape, int set, int flavor, int node, int count, List<NodeUse> uses)
    {
        scratch.Take(shape, node, count);
        uses.Add(new NodeUse(node, set, flavor, count));
    }
}
