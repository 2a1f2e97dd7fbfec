namespace TaaS.Jobs;

/// <summary>Which nodes a pod must have, and which it would rather have. <b>Source</b>: Kubernetes API, core/v1 NodeAffinity.</summary>
/// <param name="Required">One of these terms must hold; none asks for nothing.</param>
/// <param name="Preferred">Terms with weights from 1 to 100 that add up for a node.</param>
public sealed record NodeAffinity(IReadOnlyList<NodeSelectorTerm> Required, IReadOnlyList<PreferredTerm> Preferred)
{
    /// <summary>Any node will do.</summary>
    public static NodeAffinity None { get; } = new([], []);
}

/// <summary>Requirements that must all hold.</summary>
/// <param name="Expressions">On a node's labels.</param>
/// <param name="Fields">On a node's fields, of which Kubernetes knows <c>metadata.name</c>.</param>
public sealed record NodeSelectorTerm(IReadOnlyList<NodeRequirement> Expressions, IReadOnlyList<NodeRequirement> Fields);

/// <summary>A term that raises a node's score.</summary>
/// <param name="Weight">From 1 to 100.</param>
/// <param name="Term">What must hold.</param>
public sealed record PreferredTerm(int Weight, NodeSelectorTerm Term);

/// <summary>One requirement on a label or field.</summary>
/// <param name="Key">Label or field.</param>
/// <param name="Operator"><c>In</c>, <c>NotIn</c>, <c>Exists</c>, <c>DoesNotExist</c>, <c>Gt</c> or <c>Lt</c>.</param>
/// <param name="Values">What it is compared with.</param>
public sealed record NodeRequirement(string Key, string Operator, IReadOnlyList<string> Values);
