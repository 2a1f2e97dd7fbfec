using TaaS.Benchmarks.Gpu.Conformance;
using TaaS.Benchmarks.Gpu.Measure;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Roofline;

namespace TaaS.Benchmarks.Gpu.Report;

/// <summary>All that a run found.</summary>
/// <param name="Device">Name of the device.</param>
/// <param name="Machine">Hardware and versions.</param>
/// <param name="IsTiny">True where times mean nothing.</param>
/// <param name="Peer">PyTorch's version, or why it did not take part.</param>
/// <param name="Began">When.</param>
/// <param name="Roof">Measured peaks, or null where nothing was timed.</param>
/// <param name="LibraryPeaks">Operations a second of PyTorch's largest matrix product, by type: the peak of types that the roof's single-precision loop is not.</param>
/// <param name="Checks">The suite's checks.</param>
/// <param name="Cases">Operations measured.</param>
internal sealed record RunReport(
    string Device,
    string Machine,
    bool IsTiny,
    string Peer,
    DateTimeOffset Began,
    Roof? Roof,
    IReadOnlyDictionary<string, double> LibraryPeaks,
    IReadOnlyList<CheckResult> Checks,
    IReadOnlyList<CaseOutcome> Cases)
{
    /// <summary>True where every check passed and every case was right.</summary>
    internal bool IsRight => Checks.All(check => check.Failure is null) && Cases.All(one => one.Problem is null);

    /// <summary>Share of the measured peak at a time: of the copy where bytes count, of arithmetic in the case's type elsewhere; null where that peak is not known.</summary>
    internal double? ShareOfPeak(Operation operation, double seconds) => operation.Work switch
    {
        _ when Roof is null => null,
        { Unit: WorkUnit.Byte } work => work.Bytes / seconds / Roof.Bytes,
        var work when operation.Type == "f32" => work.Flops / seconds / Roof.Flops,
        var work => LibraryPeaks.TryGetValue(operation.Type, out var peak) ? work.Flops / seconds / peak : null,
    };
}
