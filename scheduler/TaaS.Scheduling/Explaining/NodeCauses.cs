using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Explaining;

/// <summary>Counts the nodes that have no room for a pod by what stands first against it, worst last: state, taints and labels, exclusion, resources.</summary>
internal sealed class NodeCauses(SnapshotIndex index, World world)
{
    private readonly Dictionary<string, IReadOnlyDictionary<string, int>> _known = new(StringComparer.Ordinal);

    /// <summary>The nodes that do not fit one pod of a role, on whichever of its flavors they come furthest.</summary>
    internal IReadOnlyDictionary<string, int> Of(GangEntry gang, GangSet set)
    {
        var shapes = set.Flavors.Select(flavor => index.Shape(set, flavor)).ToArray();
        if (gang.Gang.ExcludedNodes.Count > 0)
        {
            return Count(gang, shapes);
        }

        var key = string.Join(',', shapes.Select(static shape => shape.Number));
        if (!_known.TryGetValue(key, out var causes))
        {
            _known[key] = causes = Count(gang, shapes);
        }

        return causes;
    }

    /// <summary>As kube-scheduler says it, most nodes first.</summary>
    internal static string Say(IReadOnlyDictionary<string, int> causes) =>
        string.Join(", ", causes.OrderByDescending(static cause => cause.Value).ThenBy(static cause => cause.Key, StringComparer.Ordinal).Select(static cause => $"{cause.Value} {cause.Key}"));

    private SortedDictionary<string, int> Count(GangEntry gang, PodShape[] shapes)
    {
        var causes = new SortedDictionary<string, int>(StringComparer.Ordinal);
        for (var node = 0; node < index.Nodes.Count; node++)
        {
            var (furthest, stage) = (default(string), -1);
            foreach (var shape in shapes)
            {
                var (cause, at) = Cause(gang, shape, node);
                if (cause is null)
                {
                    furthest = null;
                    break;
                }

                if (at > stage)
                {
                    (furthest, stage) = (cause, at);
                }
            }

            if (furthest is not null)
            {
                causes[furthest] = causes.GetValueOrDefault(furthest) + 1;
            }
        }

        return causes;
    }

    private (string? Cause, int Stage) Cause(GangEntry gang, PodShape shape, int node)
    {
        var entry = index.Nodes.Nodes[node];
        if (shape.Filter.Cause(node) is { } rule && !shape.Filter.MayEver(node))
        {
            return (rule, 0);
        }

        if (!entry.IsReady)
        {
            return ("not ready", 1);
        }

        if (entry.IsUnschedulable)
        {
            return ("unschedulable", 1);
        }

        if (shape.Filter.Cause(node) is { } taint)
        {
            return (taint, 1);
        }

        if (gang.Gang.ExcludedNodes.Contains(entry.Name))
        {
            return ("excluded after a failure", 2);
        }

        var free = world.Free(node);
        foreach (var resource in shape.Resources.OrderByDescending(resource => index.Resources.IsAccelerator[resource]))
        {
            if (free[resource] < shape.Request[resource])
            {
                return ($"insufficient {index.Resources.Names[resource]}", 3);
            }
        }

        return (null, 4);
    }
}
