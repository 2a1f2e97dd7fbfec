namespace TaaS.Scheduling.Model;

/// <summary>Where the pods of a gang go.</summary>
/// <param name="Pods">Every pod that has a node, by role and index.</param>
public sealed record Placement(IReadOnlyList<PodPlacement> Pods);

/// <summary>Where one pod goes.</summary>
/// <param name="Role">Name of the role.</param>
/// <param name="Index">Number within the role, from 0.</param>
/// <param name="Node">Name of the node.</param>
/// <param name="Flavor">Flavor whose quota it uses.</param>
public sealed record PodPlacement(string Role, int Index, string Node, string Flavor);
