namespace TaaS.Runtime.ParameterServer;

/// <summary>What the answers of an exchange came to.</summary>
/// <param name="WentBack">A generation is over; the rest means nothing then.</param>
/// <param name="Generation">Generation of the last answer.</param>
/// <param name="IsMixed">Answers came from different generations.</param>
/// <param name="LeastStep">Least step of all answers.</param>
/// <param name="MostStep">Greatest step of all answers.</param>
/// <param name="MustJoin">A server does not wait for this worker's gradients yet.</param>
internal readonly record struct LinkOutcome(bool WentBack, uint Generation, bool IsMixed, long LeastStep, long MostStep, bool MustJoin)
{
    /// <summary>Before the first answer.</summary>
    public static LinkOutcome None { get; } = new(false, 0, false, long.MaxValue, long.MinValue, false);

    /// <summary>Both together.</summary>
    public LinkOutcome And(LinkOutcome other) => new(
        WentBack || other.WentBack,
        other.Generation != 0 ? other.Generation : Generation,
        IsMixed || other.IsMixed || (Generation != 0 && other.Generation != 0 && Generation != other.Generation),
        Math.Min(LeastStep, other.LeastStep),
        Math.Max(MostStep, other.MostStep),
        MustJoin || other.MustJoin);
}
