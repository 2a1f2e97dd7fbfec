using TaaS.Scheduling.Model;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling.Indexing;

/// <summary>A snapshot with numbers in place of names, in an order that does not depend on that of its lists.</summary>
internal sealed class SnapshotIndex
{
    private readonly long[] _amounts;

    internal SnapshotIndex(ClusterSnapshot snapshot)
    {
        Now = snapshot.Now;
        Resources = new ResourceIndex(snapshot);
        Flavors = new FlavorIndex(snapshot);
        Nodes = new NodeIndex(snapshot, Resources);
        Topology = new TopologyIndex(Nodes);
        _amounts = new long[Flavors.Count * Resources.Count];
        Queues = new QuotaTree(snapshot.Queues, Flavors, Resources);
        Shapes = new ShapeIndex(Nodes, Resources);
        var gangs = snapshot.Gangs.DistinctBy(static gang => gang.Id).ToArray();
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
        var sets = gang.PodSets.Where(static set => set.Count > 0).ToArray();
        // A gang with no pod at all would be no gang: the first role starts with one.
        var least = sets.All(static set => set.MinCount <= 0) ? 1 : 0;
        var entry = new GangEntry
        {
            Gang = gang,
            Rank = rank,
            Queue = Queues.Find(gang.Queue),
            Sets = [.. sets.Select((set, index) => Enter(set, index == 0 ? least : 0))],
        };
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

    private GangSet Enter(PodSet set, int least)
    {
        var request = Resources.Asked(set.Requests);
        return new GangSet
        {
            Set = set,
            Request = request,
            RequestNumber = Shapes.RequestOf(request),
            Rules = Shapes.RulesOf(set),
            Count = set.Count,
            Least = Math.Max(least, Math.Clamp(set.MinCount, 0, set.Count)),
        };
    }

    private Holding Hold(GangEntry entry, Placement placement)
    {
        // Pods of a role on a node stand together as a rule; where they do not, several uses of it say the same.
        var uses = new List<NodeUse>();
        var last = new PodPlacement("", 0, "", "");
        foreach (var pod in placement.Pods)
        {
            if (uses.Count > 0 && pod.Role == last.Role && pod.Node == last.Node && pod.Flavor == last.Flavor)
            {
                uses[^1] = uses[^1] with { Count = uses[^1].Count + 1 };
            }
            else if (Array.FindIndex(entry.Sets, set => set.Set.Role == pod.Role) is var set and >= 0)
            {
                uses.Add(new NodeUse(Nodes.Find(pod.Node), set, Flavors.Find(pod.Flavor), 1));
                last = pod;
            }
        }

        NodeUse[] all = [.. uses];
        return new Holding(all, DemandOf(entry, all));
    }
}
