using System.Globalization;
using TaaS.Benchmarks.Operations.Roofline;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Drawing;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>
/// A scaling run as an SVG picture: above, for each mode, measured points and simulated lines of this machine; below, the simulated cluster.
/// </summary>
internal static class ScalingChart
{
    private const double Left = 70;
    private const double Width = 340;
    private const double Gap = 70;
    private const double Height = 260;
    private const double FirstTop = 80;
    private const double SecondTop = FirstTop + Height + 90;
    private const double SecondHeight = 300;
    private const int SimulatedSteps = 20;

    /// <summary>Draws it.</summary>
    /// <param name="result">Measured points and the simulation's parameters.</param>
    /// <param name="cluster">The simulated cluster.</param>
    internal static string Draw(ScalingResult result, IReadOnlyList<ClusterPoint> cluster)
    {
        string[] modes = [.. result.Checks.Select(point => point.Measured.Case.Mode).Distinct()];
        var width = Left + Math.Max(2, modes.Length) * (Width + Gap);
        var drawing = new SvgDrawing(width, SecondTop + SecondHeight + 110, "#ffffff");
        drawing.Text(Left, 28, "What a training step costs", 17, "#222222", bold: true);
        drawing.Text(Left, 48, "Points: measured, a process for each role. Lines: simulated.", 12, "#666666");
        for (var i = 0; i < modes.Length; i++)
        {
            var panel = new Panel(new Box(Left + i * (Width + Gap), FirstTop, Width, Height), $"{modes[i]}, all on one machine", "workers", i == 0 ? "ms a step" : "");
            panel.Draw(drawing, [.. MeasuredSeries(result, modes[i])]);
        }

        new Panel(new Box(Left, SecondTop, width - Left - Gap, SecondHeight), $"Simulated cluster: {ClusterCurves.Assumptions}", "workers", "ms a step").Draw(
            drawing,
            [.. cluster.GroupBy(point => point.Servers).Select(group => new PanelSeries(Servers(group.Key), [.. group.Select(point => ((double)point.Workers, point.StepSeconds * 1e3))], []))]);
        string[] caption = [Machines.Processor, ScalingReport.Parameters(result), ScalingReport.Agreement(result)];
        for (var line = 0; line < caption.Length; line++)
        {
            drawing.Text(Left, SecondTop + SecondHeight + 62 + line * 15, caption[line], 11, "#666666");
        }

        return drawing.ToString();
    }

    private static IEnumerable<PanelSeries> MeasuredSeries(ScalingResult result, string mode) =>
        from point in result.Points
        let one = point.Measured.Case
        where one.Mode == mode && one.Elements == result.Points.Max(other => other.Measured.Case.Elements)
        group point by one.Servers into servers
        orderby servers.Key
        select new PanelSeries(
            Servers(servers.Key),
            [.. Line(result, servers)],
            [.. servers.Select(point => ((double)point.Measured.Case.Workers, point.Measured.StepSeconds * 1e3))]);

    // Every number of workers, also those that were not measured.
    private static IEnumerable<(double X, double Y)> Line(ScalingResult result, IEnumerable<ScalingPoint> points)
    {
        var first = points.First().Measured.Case;
        for (var workers = points.Min(point => point.Measured.Case.Workers); workers <= points.Max(point => point.Measured.Case.Workers); workers++)
        {
            var one = first with { Policy = first.Policy with { Workers = workers } };
            yield return (workers, Calibration.Simulate(result.Model, one, result.ComputeSeconds, SimulatedSteps) * 1e3);
        }
    }

    private static string Servers(int count) => string.Create(CultureInfo.InvariantCulture, $"{count} server{(count == 1 ? "" : "s")}");
}
