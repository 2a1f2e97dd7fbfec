using TaaS.Jobs;

namespace TaaS.Scheduling.Model;

/// <summary>All that a scheduling pass knows. Nothing in it changes while the pass runs.</summary>
public sealed record ClusterSnapshot
{
    /// <summary>The moment it shows.</summary>
    public required DateTimeOffset Now { get; init; }

    /// <summary>Every node.</summary>
    public IReadOnlyList<Node> Nodes { get; init; } = [];

    /// <summary>Every queue.</summary>
    public IReadOnlyList<Queue> Queues { get; init; } = [];

    /// <summary>Every flavor.</summary>
    public IReadOnlyList<ResourceFlavor> Flavors { get; init; } = [];

    /// <summary>Every unfinished gang that is not suspended: those that wait and those that hold a placement.</summary>
    public IReadOnlyList<Gang> Gangs { get; init; } = [];
}
