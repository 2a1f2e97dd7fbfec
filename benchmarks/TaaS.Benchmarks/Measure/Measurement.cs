using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;

namespace TaaS.Benchmarks.Measure;

/// <summary>What one contender did.</summary>
/// <param name="Library">Who.</param>
/// <param name="PerSecond">Median work a second, in the case's unit; 0 where it did not run.</param>
/// <param name="Ratio">Median of our speed divided by this contender's, round by round; 1 for ourselves.</param>
/// <param name="LowRatio">Lower quartile of that.</param>
/// <param name="HighRatio">Upper quartile of that.</param>
/// <param name="AllocatedBytes">Managed bytes allocated by one run, on all threads.</param>
/// <param name="Problem">Why it did not run, or null.</param>
internal sealed record ContenderResult(Library Library, double PerSecond, double Ratio, double LowRatio, double HighRatio, double AllocatedBytes, string? Problem);

/// <summary>A case measured on a number of threads.</summary>
/// <param name="Case">Full name of the case.</param>
/// <param name="Group">Family.</param>
/// <param name="Work">What one run does.</param>
/// <param name="Threads">Threads of every contender on the processor.</param>
/// <param name="Contenders">Results, ourselves first.</param>
internal sealed record CaseResult(string Case, string Group, Work Work, int Threads, IReadOnlyList<ContenderResult> Contenders)
{
    /// <summary>Our own result.</summary>
    internal ContenderResult Ours => Contenders[0];

    /// <summary>Seconds of one run of ours.</summary>
    internal double Seconds => Work.Amount / Ours.PerSecond;
}
