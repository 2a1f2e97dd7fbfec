using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Indexing;

/// <summary>A gang with all that a pass knows of it.</summary>
internal sealed class GangEntry
{
    internal required Gang Gang { get; init; }

    /// <summary>Place among all gangs by submit time, then id: the last word on every tie.</summary>
    internal required int Rank { get; init; }

    /// <summary>Number of its queue; −1 for one that is not there.</summary>
    internal required int Queue { get; init; }

    /// <summary>Its roles that have any pods.</summary>
    internal required GangSet[] Sets { get; init; }

    /// <summary>What it holds of nodes and quota, or will as soon as others have gone; null while it waits.</summary>
    internal Holding? Holding { get; set; }

    /// <summary>How many of the uses are of pods that run already.</summary>
    internal int OldUses { get; set; }

    /// <summary>When it will have ended by what is known; null where nobody knows.</summary>
    internal DateTimeOffset? End { get; set; }

    /// <summary>It takes its place in this pass.</summary>
    internal bool IsAdmitted { get; set; }

    /// <summary>It is stopped in this pass.</summary>
    internal bool IsPreempted { get; set; }

    /// <summary>What it would take of its queue's quota to start, with the first flavors that may be used; empty before it was looked at.</summary>
    internal Demand Asks { get; set; } = Demand.Nothing;

    /// <summary>How many pods there shall be.</summary>
    internal int Pods => Sets.Sum(static set => set.Count);

    internal bool IsWaiting => Gang.Placement is null && !IsAdmitted;

    /// <summary>The order within a queue: priority, then submit time, then id.</summary>
    internal static int CompareInQueue(GangEntry left, GangEntry right) =>
        left.Gang.Priority != right.Gang.Priority ? right.Gang.Priority.CompareTo(left.Gang.Priority) : left.Rank.CompareTo(right.Rank);
}

/// <summary>One role of a gang.</summary>
internal sealed class GangSet
{
    internal required PodSet Set { get; init; }

    /// <summary>What one pod takes, by resource.</summary>
    internal required long[] Request { get; init; }

    /// <summary>Number of <see cref="Request"/>.</summary>
    internal required int RequestNumber { get; init; }

    /// <summary>Number of the rules on nodes.</summary>
    internal required int Rules { get; init; }

    /// <summary>How many pods there shall be.</summary>
    internal required int Count { get; init; }

    /// <summary>With how many the gang may start.</summary>
    internal required int Least { get; init; }

    /// <summary>Numbers of the flavors that may be used, in the order in which they are tried.</summary>
    internal int[] Flavors { get; set; } = [];

    /// <summary>There are flavors with quota for it whose nodes could never hold it.</summary>
    internal bool IsCutByNodes { get; set; }
}

/// <summary>Pods of one role on one node.</summary>
/// <param name="Node">Number of the node; −1 for one that is not there any more.</param>
/// <param name="Set">Place of the role among the gang's.</param>
/// <param name="Flavor">Number of the flavor.</param>
/// <param name="Count">How many pods.</param>
internal readonly record struct NodeUse(int Node, int Set, int Flavor, int Count);

/// <summary>What a gang takes of nodes and of its queue's quota.</summary>
/// <param name="Uses">By node and role.</param>
/// <param name="Demand">By flavor and resource.</param>
internal sealed record Holding(NodeUse[] Uses, Demand Demand)
{
    /// <summary>How many pods have a node, one that is gone included.</summary>
    internal int Pods => Uses.Sum(static use => use.Count);
}

/// <summary>Amounts by number of flavor and resource together; only what is not 0.</summary>
/// <param name="Cells">Flavor × resources + resource, ascending.</param>
/// <param name="Amounts">How much of each.</param>
internal sealed record Demand(int[] Cells, long[] Amounts)
{
    internal static Demand Nothing { get; } = new([], []);
}
