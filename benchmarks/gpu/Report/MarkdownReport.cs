using System.Globalization;
using System.Text;
using TaaS.Benchmarks.Gpu.Measure;
using TaaS.Benchmarks.Operations;

namespace TaaS.Benchmarks.Gpu.Report;

/// <summary>A run as Markdown: the suite by family, then a line for each operation.</summary>
internal static class MarkdownReport
{
    internal static string Write(RunReport report)
    {
        var text = new StringBuilder();
        Line(text, $"# Kernels on {report.Device}");
        Line(text, $"");
        Line(text, $"{report.Machine}; {report.Peer}; {report.Began:yyyy-MM-dd HH:mm} UTC");
        if (report.IsTiny)
        {
            Line(text, $"");
            Line(text, $"**Tiny shapes: this shows that the harness runs. Its times say nothing about any GPU.**");
        }

        if (report.Checks.Count > 0)
        {
            WriteChecks(text, report);
        }

        if (report.Cases.Count > 0)
        {
            WriteCases(text, report);
        }

        return text.ToString();
    }

    private static void WriteChecks(StringBuilder text, RunReport report)
    {
        Line(text, $"");
        Line(text, $"## Conformance with the reference: {report.Checks.Count} checks, {report.Checks.Count(check => check.Failure is not null)} failed");
        Line(text, $"");
        Line(text, $"| family | checks | failed | seconds |");
        Line(text, $"|---|---:|---:|---:|");
        foreach (var family in report.Checks.GroupBy(check => check.Family))
        {
            Line(text, $"| {family.Key} | {family.Count()} | {family.Count(check => check.Failure is not null)} | {family.Sum(check => check.Seconds):F1} |");
        }

        Problems(text, report.Checks.Where(check => check.Failure is not null).Select(check => $"{check.Family} {check.Name}: {check.Failure!.Split('\n')[0]}"));
    }

    private static void WriteCases(StringBuilder text, RunReport report)
    {
        Line(text, $"");
        Line(text, $"## Speed");
        Line(text, $"");
        if (report.Roof is { } roof)
        {
            var libraries = string.Concat(report.LibraryPeaks.Select(peak => string.Create(CultureInfo.InvariantCulture, $", PyTorch's product of 8192x8192 matrices in {peak.Key} {peak.Value / 1e12:F1} TFLOP/s")));
            Line(text, $"Measured peaks: copy {roof.Bytes / 1e9:F1} GB/s, multiply-adds in registers {roof.Flops / 1e12:F2} TFLOP/s{libraries}.");
            Line(text, $"");
        }

        Line(text, $"| operation | shape | type | time | speed | of peak | PyTorch eager | x eager | frozen | PyTorch graph | x graph |");
        Line(text, $"|---|---|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var one in report.Cases)
        {
            Line(text, $"| {one.Operation.Key} | {one.Operation.Shape} | {one.Operation.Type} | {Time(one.Ours, "failed")} | {Speed(one)} | {Share(report, one)} | {Time(one.Eager)} | {Ratio(one.RatioToEager)} | {Time(one.Frozen)} | {Time(one.Graph)} | {Ratio(one.RatioToGraph)} |");
        }

        Line(text, $"");
        Line(text, $"Times are medians over rounds in which all took turns; operands rotate through memory that no cache holds. x: PyTorch's time divided by ours, above 1 we are faster.");
        Line(text, $"Frozen: our launches replayed as one, beside PyTorch's CUDA graph. Speed and share of peak: of the faster of our two; f32 against multiply-adds in registers, other types against PyTorch's largest product.");
        Problems(text, report.Cases.SelectMany(one => new[] { one.Problem, one.PeerProblem is null ? null : $"PyTorch: {one.PeerProblem}" }.OfType<string>().Select(problem => $"{one.Operation.FullName}: {problem}")));
    }

    private static void Problems(StringBuilder text, IEnumerable<string> problems)
    {
        var first = true;
        foreach (var problem in problems)
        {
            if (first)
            {
                Line(text, $"");
                first = false;
            }

            Line(text, $"- {problem}");
        }
    }

    private static string Time(Times? times, string missing = "") => times switch
    {
        null => missing,
        { Median: < 1e-3 } => string.Create(CultureInfo.InvariantCulture, $"{times.Median * 1e6:F1} µs"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{times.Median * 1e3:F2} ms"),
    };

    private static string Speed(CaseOutcome one) => (one.Best?.Median, one.Operation.Work) switch
    {
        (null, _) => "",
        ({ } seconds, { Unit: WorkUnit.Byte } work) => string.Create(CultureInfo.InvariantCulture, $"{work.Bytes / seconds / 1e9:F1} GB/s"),
        ({ } seconds, { Unit: WorkUnit.Flop } work) => string.Create(CultureInfo.InvariantCulture, $"{work.Flops / seconds / 1e12:F2} TFLOP/s"),
        ({ } seconds, var work) => string.Create(CultureInfo.InvariantCulture, $"{work.Images / seconds:F0} images/s"),
    };

    private static string Share(RunReport report, CaseOutcome one) => one.Best is { } best && report.ShareOfPeak(one.Operation, best.Median) is { } share
        ? string.Create(CultureInfo.InvariantCulture, $"{100 * share:F0}%")
        : "";

    private static string Ratio(double? ratio) => ratio is { } value ? string.Create(CultureInfo.InvariantCulture, $"{value:F2}") : "";

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
