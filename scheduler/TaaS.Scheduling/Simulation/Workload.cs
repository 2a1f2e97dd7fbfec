using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Simulation;

/// <summary>A cluster, its queues, and all that happens to it: what a simulation runs over.</summary>
public sealed record Workload
{
    /// <summary>Virtual time begins here; it has no meaning beyond that.</summary>
    public static DateTimeOffset Start { get; } = DateTimeOffset.UnixEpoch;

    /// <summary>Every node.</summary>
    public required IReadOnlyList<Node> Nodes { get; init; }

    /// <summary>Every queue.</summary>
    public required IReadOnlyList<Queue> Queues { get; init; }

    /// <summary>Every flavor.</summary>
    public required IReadOnlyList<ResourceFlavor> Flavors { get; init; }

    /// <summary>Every job that is ever submitted.</summary>
    public required IReadOnlyList<SimulatedJob> Jobs { get; init; }

    /// <summary>Nodes that go and come back.</summary>
    public IReadOnlyList<NodeFailure> Failures { get; init; } = [];

    /// <summary>How long the pods of a gang that was stopped hold what they have.</summary>
    public TimeSpan TerminationTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Work since the last multiple of this is lost when a gang is stopped.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(10);
}

/// <summary>A job of a workload.</summary>
/// <param name="Gang">What the scheduler sees of it, without placement and expected run time; submitted at an offset from <see cref="Workload.Start"/>.</param>
/// <param name="RunTime">How long it truly runs with all its pods.</param>
/// <param name="DeclaredRunTime">How long its user says it will; null where the user says nothing.</param>
public sealed record SimulatedJob(Gang Gang, TimeSpan RunTime, TimeSpan? DeclaredRunTime);

/// <summary>A node goes, and with it every gang that has a pod there.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="At">When, from the start.</param>
/// <param name="Duration">Until it is back.</param>
public sealed record NodeFailure(string Node, TimeSpan At, TimeSpan Duration);
