using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Timing;

namespace TaaS.Benchmarks.Gpu.Measure;

/// <summary>Seconds of one run in each round, by one way of running it.</summary>
/// <param name="Rounds">In the order of rounds.</param>
internal sealed record Times(IReadOnlyList<double> Rounds)
{
    /// <summary>The median round.</summary>
    internal double Median => Stretch.Quantile([.. Rounds.Order()], 0.5);

    /// <summary>Median over rounds of their time divided by ours: above 1 we are faster.</summary>
    internal double RatioOf(Times theirs) => Stretch.Quantile([.. Rounds.Zip(theirs.Rounds, (ours, other) => other / ours).Order()], 0.5);
}

/// <summary>One operation measured.</summary>
/// <param name="Operation">What.</param>
/// <param name="Copies">Copies of its operands.</param>
/// <param name="Ours">Our kernels, launched one by one; null where it failed.</param>
/// <param name="Frozen">Our kernels, their launches frozen into one; null where the device cannot.</param>
/// <param name="Eager">PyTorch, called one by one.</param>
/// <param name="Graph">PyTorch, replayed from a CUDA graph.</param>
/// <param name="Problem">Why ours has no time: a wrong result, or an error.</param>
/// <param name="PeerProblem">Why PyTorch lacks a time.</param>
internal sealed record CaseOutcome(Operation Operation, int Copies, Times? Ours, Times? Frozen, Times? Eager, Times? Graph, string? Problem, string? PeerProblem)
{
    /// <summary>The faster of our two ways.</summary>
    internal Times? Best => Frozen is not null && (Ours is null || Frozen.Median < Ours.Median) ? Frozen : Ours;

    /// <summary>Called one by one: PyTorch's time divided by ours.</summary>
    internal double? RatioToEager => Ours is not null && Eager is not null ? Ours.RatioOf(Eager) : null;

    /// <summary>Replayed: PyTorch's graph's time divided by that of our frozen launches, or of our single ones where nothing can be frozen.</summary>
    internal double? RatioToGraph => (Frozen ?? Ours) is { } ours && Graph is not null ? ours.RatioOf(Graph) : null;
}
