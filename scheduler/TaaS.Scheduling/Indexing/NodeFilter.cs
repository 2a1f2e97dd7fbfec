using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Indexing;

/// <summary>
/// Which nodes will have pods with given rules on a given flavor, and how gladly: all that does not depend on load. Pods with equal rules share it.
/// </summary>
internal sealed class NodeFilter
{
    /// <summary>Taints with which Kubernetes marks what may pass by itself, such as a node that does not report.</summary>
    private const string PassingTaints = "node.kubernetes.io/";

    private readonly string?[] _causes;
    private readonly bool[] _mayEver;
    private readonly int[] _gladness;
    private readonly bool _byNode;
    private readonly NodeIndex _nodes;

    internal NodeFilter(PodSet set, ResourceFlavor flavor, NodeIndex nodes)
    {
        _nodes = nodes;
        _byNode = AffinityMatch.LooksAtFields(set.Affinity);
        var subjects = _byNode ? nodes.Nodes : nodes.Classes;
        _causes = new string?[subjects.Length];
        _mayEver = new bool[subjects.Length];
        _gladness = new int[subjects.Length];
        for (var index = 0; index < subjects.Length; index++)
        {
            var lasting = LabelCause(set, flavor, subjects[index]) ?? TaintCause(set, flavor, subjects[index], static taint => !IsPassing(taint));
            _causes[index] = lasting ?? TaintCause(set, flavor, subjects[index], IsPassing);
            _mayEver[index] = lasting is null;
            _gladness[index] = Gladness(set, flavor, subjects[index]);
        }

        Candidates = [.. Enumerable.Range(0, nodes.Count).Where(node => _mayEver[Subject(node)])];
    }

    /// <summary>Nodes that no lasting rule keeps out.</summary>
    internal int[] Candidates { get; }

    /// <summary>Does no lasting rule keep the pods off a node?</summary>
    internal bool MayEver(int node) => _mayEver[Subject(node)];

    /// <summary>Why labels or taints keep the pods off a node now; null where they do not.</summary>
    internal string? Cause(int node) => _causes[Subject(node)];

    /// <summary>Weights of preferred terms that hold, less those of taints that would rather not have the pods.</summary>
    internal int Gladness(int node) => _gladness[Subject(node)];

    private int Subject(int node) => _byNode ? node : _nodes.ClassOf[node];

    private static string? LabelCause(PodSet set, ResourceFlavor flavor, Node node)
    {
        foreach (var (key, value) in flavor.Spec.NodeLabels)
        {
            if (node.Labels.GetValueOrDefault(key) != value)
            {
                return $"not of flavor {flavor.Name}";
            }
        }

        foreach (var (key, value) in set.NodeSelector.OrderBy(static entry => entry.Key, StringComparer.Ordinal))
        {
            if (node.Labels.GetValueOrDefault(key) != value)
            {
                return $"node selector {key}={value}";
            }
        }

        return AffinityMatch.Holds(set.Affinity.Required, node) ? null : "node affinity";
    }

    private static string? TaintCause(PodSet set, ResourceFlavor flavor, Node node, Func<Taint, bool> counts)
    {
        var taint = node.Taints.Where(taint => taint.Effect != Taint.PreferNoSchedule && counts(taint) && !IsTolerated(taint, set, flavor))
            .OrderBy(static taint => taint.Key, StringComparer.Ordinal).ThenBy(static taint => taint.Value, StringComparer.Ordinal).ThenBy(static taint => taint.Effect, StringComparer.Ordinal).FirstOrDefault();
        return taint is null ? null : $"taint {taint.Key}{(taint.Value.Length > 0 ? "=" : "")}{taint.Value}:{taint.Effect}";
    }

    private static int Gladness(PodSet set, ResourceFlavor flavor, Node node) =>
        set.Affinity.Preferred.Where(preferred => AffinityMatch.Holds(preferred.Term, node)).Sum(static preferred => preferred.Weight)
        - 100 * node.Taints.Count(taint => taint.Effect == Taint.PreferNoSchedule && !IsTolerated(taint, set, flavor));

    private static bool IsTolerated(Taint taint, PodSet set, ResourceFlavor flavor) =>
        set.Tolerations.Any(toleration => toleration.Tolerates(taint)) || flavor.Spec.NodeTaints.Contains(taint);

    private static bool IsPassing(Taint taint) => taint.Key.StartsWith(PassingTaints, StringComparison.Ordinal);
}
