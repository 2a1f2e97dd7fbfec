using System.Globalization;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Indexing;

/// <summary>Does a node meet what a pod asks of its labels? <b>Source</b>: Kubernetes API, core/v1 NodeSelectorRequirement.</summary>
internal static class AffinityMatch
{
    /// <summary>One of the terms must hold; no terms ask for nothing.</summary>
    internal static bool Holds(IReadOnlyList<NodeSelectorTerm> terms, Node node) => terms.Count == 0 || terms.Any(term => Holds(term, node));

    /// <summary>All of a term's requirements must hold; an empty term matches no node.</summary>
    internal static bool Holds(NodeSelectorTerm term, Node node) =>
        (term.Expressions.Count > 0 || term.Fields.Count > 0)
        && term.Expressions.All(requirement => Holds(requirement, node.Labels.GetValueOrDefault(requirement.Key)))
        && term.Fields.All(requirement => Holds(requirement, requirement.Key == "metadata.name" ? node.Name : null));

    /// <summary>Do any of the terms look at a node's fields, which tell nodes of a class apart?</summary>
    internal static bool LooksAtFields(NodeAffinity affinity) =>
        affinity.Required.Any(static term => term.Fields.Count > 0) || affinity.Preferred.Any(static preferred => preferred.Term.Fields.Count > 0);

    private static bool Holds(NodeRequirement requirement, string? value) => requirement.Operator switch
    {
        "In" => value is not null && requirement.Values.Contains(value, StringComparer.Ordinal),
        "NotIn" => value is null || !requirement.Values.Contains(value, StringComparer.Ordinal),
        "Exists" => value is not null,
        "DoesNotExist" => value is null,
        "Gt" => Compare(requirement, value) > 0,
        "Lt" => Compare(requirement, value) < 0,
        _ => false,
    };

    /// <summary>The label beside the one value it is compared with; 0 where either is no whole number, which meets neither operator.</summary>
    private static int Compare(NodeRequirement requirement, string? value) =>
        requirement.Values.Count == 1
        && long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var label)
        && long.TryParse(requirement.Values[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var bound)
            ? label.CompareTo(bound)
            : 0;
}
