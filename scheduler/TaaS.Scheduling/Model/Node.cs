using TaaS.Jobs;

namespace TaaS.Scheduling.Model;

/// <summary>A node as placement sees it.</summary>
public sealed record Node
{
    /// <summary>Name, unique in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Labels, those of the device plugin's feature discovery among them.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints.</summary>
    public IReadOnlyList<Taint> Taints { get; init; } = [];

    /// <summary>What the kubelet offers to pods, their number (<c>pods</c>) included; a GPU that went unhealthy is no longer in it.</summary>
    public ResourceList Allocatable { get; init; } = ResourceList.Empty;

    /// <summary>Requests of every non-terminal pod here that belongs to no <see cref="Gang"/> of the snapshot, whichever scheduler placed it; <c>pods</c> counts them.</summary>
    public ResourceList UsedByOthers { get; init; } = ResourceList.Empty;

    /// <summary>False while the kubelet does not report, or reports that it is not ready.</summary>
    public bool IsReady { get; init; } = true;

    /// <summary>Cordoned.</summary>
    public bool IsUnschedulable { get; init; }
}
