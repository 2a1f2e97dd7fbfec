using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Placing;

/// <summary>
/// Finds nodes for a gang, all or none: in one domain of nodes that are near each other where one holds it, in few where none does.
/// Nothing outside changes; the same request in the same worlds gets the same nodes.
/// </summary>
internal sealed class GangPlacer
{
    /// <summary>How many domains of one level are tried for a gang of several roles, whose sums fit but which may not.</summary>
    private const int DomainsTried = 4;

    private readonly SnapshotIndex _index;
    private readonly CapacityScratch _scratch;
    private readonly NodePicker _picker;
    private readonly bool _spreads;
    private readonly TopologyLevel[] _usualLevels;

    internal GangPlacer(SnapshotIndex index, SchedulerOptions options)
    {
        _index = index;
        _scratch = new CapacityScratch(index);
        _picker = new NodePicker(_scratch);
        _spreads = options.Placement == PlacementStrategy.Spread;
        _usualLevels = [.. options.TopologyKeys.Select(index.Topology.Level).Where(static level => level.TellsNodesApart)];
    }

    /// <summary>The set that found no place in the last attempt.</summary>
    internal int FailedSet { get; private set; }

    /// <summary>How many pods of it did.</summary>
    internal int FailedSetPlaced { get; private set; }

    /// <summary>Finds a node for every pod, in room that all the worlds have.</summary>
    /// <returns>Null where there is no room for all.</returns>
    internal NodeUse[]? TryPlace(PlacementRequest request, ReadOnlySpan<World> worlds)
    {
        var shapes = new PodShape[request.Counts.Length];
        var pods = 0;
        for (var set = 0; set < shapes.Length; set++)
        {
            shapes[set] = _index.Shape(request.Gang.Sets[set], request.Flavors[set]);
            pods += request.Counts[set];
            if (request.Counts[set] > worlds[0].Capacities(shapes[set]).Total)
            {
                (FailedSet, FailedSetPlaced) = (set, (int)worlds[0].Capacities(shapes[set]).Total);
                return null;
            }
        }

        var plan = new GangPlan(request, shapes);
        if (request.Gang.Gang.TopologyKey is { } key && request.Gang.Gang.IsTopologyRequired)
        {
            return PlaceInOneDomain(plan, _index.Topology.Level(key), worlds, int.MaxValue);
        }

        if (_spreads || pods <= 1)
        {
            return PlaceAnywhere(plan, null, worlds);
        }

        var levels = request.Gang.Gang.TopologyKey is { } preferred ? [_index.Topology.Level(preferred)] : _usualLevels;
        for (var level = 0; level < levels.Length; level++)
        {
            if (PlaceInOneDomain(plan, levels[level], worlds, DomainsTried) is { } uses)
            {
                return uses;
            }
        }

        return PlaceAnywhere(plan, levels.FirstOrDefault(), worlds) ?? (levels.Length > 0 ? PlaceAnywhere(plan, null, worlds) : null);
    }

    /// <summary>Finds nodes for as many further pods of one role as there is room for, near those that the gang has.</summary>
    internal NodeUse[] PlaceMore(GangEntry gang, int set, int flavor, int most, ReadOnlySpan<World> worlds)
    {
        var shape = _index.Shape(gang.Sets[set], flavor);
        var plan = new GangPlan(new PlacementRequest(gang, [.. gang.Sets.Select((_, other) => other == set ? flavor : -1)], [.. gang.Sets.Select((_, other) => other == set ? most : 0)]), [.. gang.Sets.Select(_ => shape)]);
        var uses = new List<NodeUse>();
        _scratch.Clear();
        _scratch.Fill(shape, gang, worlds);
        var left = most;
        var level = gang.Gang.TopologyKey is { } key ? _index.Topology.Level(key) : _usualLevels.FirstOrDefault();
        if (level is not null)
        {
            foreach (var domain in gang.Holding!.Uses.Where(static use => use.Node >= 0).Select(use => level.DomainOf[use.Node]).Where(static domain => domain >= 0).Distinct().Order())
            {
                left = Pick(plan, set, level.NodesOf(domain), left, uses);
            }
        }

        if (left > 0 && !(gang.Gang.IsTopologyRequired && gang.Gang.TopologyKey is not null))
        {
            Pick(plan, set, shape.Nodes, left, uses);
        }

        return [.. uses];
    }

    /// <summary>The domains whose sums hold every role that has to be together, the one with least to spare first.</summary>
    private NodeUse[]? PlaceInOneDomain(GangPlan plan, TopologyLevel level, ReadOnlySpan<World> worlds, int tried)
    {
        var spare = new long[level.Count];
        var isFirst = true;
        foreach (var set in plan.Order)
        {
            if (!plan.IsLocal(set))
            {
                continue;
            }

            _scratch.Clear();
            _scratch.Fill(plan.Shapes[set], plan.Request.Gang, worlds);
            AddUp(level, plan.Request.Counts[set], isFirst, spare);
            isFirst = false;
        }

        var domains = new List<int>();
        for (var domain = 0; domain < spare.Length; domain++)
        {
            if (spare[domain] >= 0)
            {
                domains.Add(domain);
            }
        }

        if (domains.Count == 0)
        {
            (FailedSet, FailedSetPlaced) = (plan.Order[0], 0);
            return null;
        }

        domains.Sort((left, right) => spare[left] != spare[right] ? spare[left].CompareTo(spare[right]) : left.CompareTo(right));
        foreach (var domain in domains.Take(tried))
        {
            if (Place(plan, level, domain, null, worlds) is { } uses)
            {
                return uses;
            }
        }

        return null;
    }

    /// <summary>What a domain's nodes hold beyond the pods of a set; −1 for good where a set is too large for it.</summary>
    private void AddUp(TopologyLevel level, int count, bool isFirst, long[] spare)
    {
        var sums = new long[level.Count];
        for (var domain = 0; domain < sums.Length; domain++)
        {
            foreach (var node in level.NodesOf(domain))
            {
                sums[domain] += _scratch.Capacities[node];
            }

            if (sums[domain] < count || !isFirst && spare[domain] < 0)
            {
                spare[domain] = -1;
            }
            else if (isFirst)
            {
                // Later roles decide only whether the domain will do.
                spare[domain] = sums[domain] - count;
            }
        }
    }

    private NodeUse[]? PlaceAnywhere(GangPlan plan, TopologyLevel? few, ReadOnlySpan<World> worlds) => Place(plan, null, -1, few, worlds);

    private NodeUse[]? Place(GangPlan plan, TopologyLevel? level, int domain, TopologyLevel? few, ReadOnlySpan<World> worlds)
    {
        var uses = new List<NodeUse>();
        _scratch.Clear();
        foreach (var set in plan.Order)
        {
            var (shape, count) = (plan.Shapes[set], plan.Request.Counts[set]);
            if (count == 0)
            {
                continue;
            }

            _scratch.Fill(shape, plan.Request.Gang, worlds);
            var nodes = level is not null && plan.IsLocal(set) ? level.NodesOf(domain) : shape.Nodes;
            var left = few is not null && plan.IsLocal(set) ? PlaceInFew(plan, set, few, count, uses) : count;
            if (left > 0)
            {
                left = Pick(plan, set, nodes, left, uses);
            }

            if (left > 0)
            {
                (FailedSet, FailedSetPlaced) = (set, count - left);
                return null;
            }
        }

        return [.. uses];
    }

    /// <summary>Takes whole domains, the roomiest first, until one holds the rest; that one as tightly as can be.</summary>
    /// <returns>How many found no place in any domain.</returns>
    private int PlaceInFew(GangPlan plan, int set, TopologyLevel level, int count, List<NodeUse> uses)
    {
        var sums = new long[level.Count];
        AddUp(level, 0, true, sums);
        var order = Enumerable.Range(0, level.Count).Where(domain => sums[domain] > 0).OrderByDescending(domain => sums[domain]).ThenBy(static domain => domain).ToArray();
        for (var at = 0; at < order.Length && count > 0; at++)
        {
            var last = at;
            while (last + 1 < order.Length && sums[order[last + 1]] >= count)
            {
                last++;
            }

            // Of equally tight domains the first by name, as everywhere.
            while (last > at && sums[order[last - 1]] == sums[order[last]])
            {
                last--;
            }

            var take = (int)Math.Min(count, sums[order[last]]);
            count -= take - Pick(plan, set, level.NodesOf(order[last]), take, uses);
        }

        return count;
    }

    private int Pick(GangPlan plan, int set, ReadOnlySpan<int> nodes, int count, List<NodeUse> uses)
    {
        var (shape, flavor) = (plan.Shapes[set], plan.Request.Flavors[set]);
        return _spreads || plan.Request.Gang.Sets[set].Set.IsSpread
            ? _picker.Spread(shape, set, flavor, nodes, count, _spreads, uses)
            : _picker.Pack(shape, set, flavor, nodes, count, uses);
    }
}
