using TaaS.Scheduling.Model;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling.Indexing;

/// <summary>A snapshot with numbers in place of names, in an order that does not depend on that of its lists.</summary>
internal sealed class SnapshotIndex
{
    private readonly long[] _amounts;
    private readonly long[] _request;
    private readonly List<NodeUse> _uses = [];

    internal SnapshotIndex(ClusterSnapshot snapshot)
    {
        Now = snapshot.Now;
        Resources = new ResourceIndex(snapshot);
        Flavors = new FlavorIndex(snapshot);
        Nodes = new NodeIndex(snapshot, Resources);
        Topology = new TopologyIndex(Nodes);
        _amounts = new long[Flavors.Count * Resources.Count];
        _request = new long[Resources.Count];
        Queues = new QuotaTree(snapshot.Queues, Flavors, Resources);
        Shapes = new ShapeIndex(Nodes, Resources);
        var seen = new HashSet<string>(snapshot.Gangs.Count, StringComparer.Ordinal);
        var gangs = snapshot.Gangs.Where(gang => seen.Add(gang.Id)).ToArray();
        Array.Sort(gangs, static (left, right) => left.SubmittedAt != right.SubmittedAt ? left.SubmittedAt.CompareTo(right.SubmittedAt) : string.CompareOrdinal(left.Id, right.Id));
        Gangs = new GangEntry[gangs.Length];
        for (var rank = 0; rank < gangs.Length; rank++)
        {
            Gangs[rank] = Enter(gangs[rank], rank);
        }
    }

    internal DateTimeOffset Now { get; }

    internal ResourceIndex Resources { get; }

    internal FlavorIndex Flavors { get; }

    internal NodeIndex Nodes { get; }

    internal TopologyIndex Topology { get; }

    internal QuotaTree Queues { get; }

    internal ShapeIndex Shapes { get; }

    /// <summary>Every gang, by submit time, then id.</summary>
    internal GangEntry[] Gangs { get; }

    /// <summary>The shape of a set's pods on a flavor that exists.</summary>
    internal PodShape Shape(GangSet set, int flavor) => Shapes.Of(set, Flavors.Flavors[flavor]!, flavor);

    /// <summary>What pods of a gang take of their queue's quota.</summary>
    /// <param name="gang">The gang.</param>
    /// <param name="flavors">Flavor of every set.</param>
    /// <param name="counts">Pods of every set.</param>
    internal Demand DemandOf(GangEntry gang, ReadOnlySpan<int> flavors, ReadOnlySpan<int> counts)
    {
        Array.Clear(_amounts);
        for (var set = 0; set < counts.Length; set++)
        {
            Add(gang.Sets[set], flavors[set], counts[set]);
        }

        return Gathered();
    }

    /// <summary>The same for pods that have nodes.</summary>
    internal Demand DemandOf(GangEntry gang, ReadOnlySpan<NodeUse> uses)
    {
        Array.Clear(_amounts);
        foreach (var use in uses)
        {
            Add(gang.Sets[use.Set], use.Flavor, use.Count);
        }

        return Gathered();
    }

    private void Add(GangSet set, int flavor, int count)
    {
        for (var resource = 0; resource < set.Request.Length; resource++)
        {
            var cell = flavor * set.Request.Length + resource;
            _amounts[cell] = Amount.Sum(_amounts[cell], Amount.Product(set.Request[resource], count));
        }
    }

    private Demand Gathered()
    {
        var count = 0;
        foreach (var amount in _amounts)
        {
            count += amount > 0 ? 1 : 0;
        }

        var demand = new Demand(new int[count], new long[count]);
        for (int cell = 0, next = 0; next < count; cell++)
        {
            if (_amounts[cell] > 0)
            {
                (demand.Cells[next], demand.Amounts[next++]) = (cell, _amounts[cell]);
            }
        }

        return demand;
    }

    private GangEntry Enter(Gang gang, int rank)
    {
        var entry = new GangEntry { Gang = gang, Rank = rank, Queue = Queues.Find(gang.Queue), Sets = Enter(gang.PodSets) };
        if (gang.Placement is { } placement)
        {
            entry.Holding = Hold(entry, placement);
            entry.OldUses = entry.Holding.Uses.Length;
            entry.End = End(gang.PlacedAt ?? Now, gang.ExpectedRunTime);
        }

        return entry;
    }

    /// <summary>When a gang that starts at a time will have ended; null where nobody knows. One that should have ended already is taken to end now.</summary>
    internal DateTimeOffset? End(DateTimeOffset start, TimeSpan? runs) =>
        runs is not { } time ? null : time >= DateTimeOffset.MaxValue - start ? null : start + time < Now ? Now : start + time;

    private GangSet[] Enter(IReadOnlyList<PodSet> podSets)
    {
        var (count, hasLeast) = (0, false);
        for (var at = 0; at < podSets.Count; at++)
        {
            count += podSets[at].Count > 0 ? 1 : 0;
            hasLeast |= podSets[at] is { Count: > 0, MinCount: > 0 };
        }

        var (sets, next) = (new GangSet[count], 0);
        for (var at = 0; at < podSets.Count; at++)
        {
            if (podSets[at].Count > 0)
            {
                // A gang with no pod at all would be no gang: the first role starts with one.
                sets[next] = Enter(podSets[at], next == 0 && !hasLeast ? 1 : 0);
                next++;
            }
        }

        return sets;
    }

    private GangSet Enter(PodSet set, int least)
    {
        Resources.Asked(set.Requests, _request);
        var (request, number) = Shapes.RequestOf(_request);
        return new GangSet
        {
            Set = set,
            Request = request,
            RequestNumber = number,
            Rules = Shapes.RulesOf(set),
            Count = set.Count,
            Least = Math.Max(least, Math.Clamp(set.MinCount, 0, set.Count)),
        };
    }

    private Holding Hold(GangEntry entry, Placement placement)
    {
        // Pods of a role on a node stand together as a rule; where they do not, several uses of it say the same.
        _uses.Clear();
        PodPlacement? first = null;
        var count = 0;
        for (var at = 0; at < placement.Pods.Count; at++)
        {
            var pod = placement.Pods[at];
            if (first is not null && pod.Role == first.Role && pod.Node == first.Node && pod.Flavor == first.Flavor)
            {
                count++;
                continue;
            }

            Add(entry, first, count);
            (first, count) = (pod, 1);
        }

        Add(entry, first, count);
        NodeUse[] uses = [.. _uses];
        return new Holding(uses, DemandOf(entry, uses));
    }

    private void Add(GangEntry entry, PodPlacement? pod, int count)
    {
        for (var set = 0; pod is not null && set < entry.Sets.Length; set++)
        {
            if (entry.Sets[set].Set.Role == pod.Role)
            {
                _uses.Add(new NodeUse(Nodes.Find(pod.Node), set, Flavors.Find(pod.Flavor), count));
                return;
            }
        }
    }
}
