namespace TaaS.Scheduling;

/// <summary>How a scheduler decides. The defaults are those of the operator; the simulator compares them with others.</summary>
public sealed record SchedulerOptions
{
    /// <summary>Whose turn it is. Default <see cref="QueueingPolicy.FairShare"/>.</summary>
    public QueueingPolicy Policy { get; init; } = QueueingPolicy.FairShare;

    /// <summary>
    /// True lets a gang overtake one that waits for room, as long as it does not delay it. False keeps the order strictly: behind a gang that waits for
    /// nodes nobody starts, behind one that waits for quota nobody of its queue. Default true.
    /// </summary>
    public bool Backfill { get; init; } = true;

    /// <summary>How many gangs, at most one a queue, have the nodes and quota they wait for kept free for them, at least 1. The first is never delayed by any other. Default 4.</summary>
    public int Reservations { get; init; } = 4;

    /// <summary>Where pods go. Default <see cref="PlacementStrategy.Pack"/>.</summary>
    public PlacementStrategy Placement { get; init; } = PlacementStrategy.Pack;

    /// <summary>May gangs be stopped for others, as far as their queues allow it? Default true.</summary>
    public bool Preemption { get; init; } = true;

    /// <summary>May a queue that borrows take from one that borrows more than its fair share? With <see cref="Preemption"/> and fair share only. Default true.</summary>
    public bool FairSharePreemption { get; init; } = true;

    /// <summary>For how many gangs a pass searches for victims, which is the dearest of its steps. Default 8.</summary>
    public int PreemptionAttempts { get; init; } = 8;

    /// <summary>How many gangs a pass tries to place; those behind wait for the next. Default all.</summary>
    public int GangsTried { get; init; } = int.MaxValue;

    /// <summary>May elastic gangs grow beyond what they started with? They grow into what nobody waits for, and never by borrowing. Default true.</summary>
    public bool ElasticGrowth { get; init; } = true;

    /// <summary>
    /// Labels whose value tells which nodes are near each other, nearest first: without a <see cref="Model.Gang.TopologyKey"/>, a gang goes into one domain of the first that holds it.
    /// Default NVLink domain, rack, zone.
    /// </summary>
    public IReadOnlyList<string> TopologyKeys { get; init; } = ["nvidia.com/gpu.clique", "topology.kubernetes.io/rack", "topology.kubernetes.io/zone"];
}

/// <summary>Whose turn it is.</summary>
public enum QueueingPolicy
{
    /// <summary>The queue furthest below its share of what is lent; within it priority, then submit time.</summary>
    FairShare,

    /// <summary>Priority, then submit time, over all queues.</summary>
    Fifo,
}

/// <summary>Where pods go.</summary>
public enum PlacementStrategy
{
    /// <summary>On few nodes that are already in use, so that whole nodes stay free.</summary>
    Pack,

    /// <summary>On many nodes, the emptiest first.</summary>
    Spread,
}
