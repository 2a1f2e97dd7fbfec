using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Explaining;

/// <summary>What a pass notes of a gang that waits; the sentence is written at its end.</summary>
/// <param name="Reason">Code.</param>
internal sealed record Wait(WaitReason Reason)
{
    /// <summary>The sentence, where it is known at once.</summary>
    internal string? Message { get; init; }

    /// <summary>What was missing when it was its turn.</summary>
    internal Fit? Fit { get; init; }

    /// <summary>The gang that it must not delay.</summary>
    internal GangEntry? Behind { get; init; }

    internal DateTimeOffset? EarliestStart { get; init; }
}
