using TaaS.Benchmarks.Cases;

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
/// <param name="Unit">What work is counted in.</param>
/// <param name="Threads">Threads of every contender.</param>
/// <param name="Contenders">Results, ourselves first.</param>
internal sealed record CaseResult(string Case, WorkUnit Unit, int Threads, IReadOnlyList<ContenderResult> Contenders);
