using System.Globalization;
using TaaS.Drawing;
using TaaS.Scheduling.Simulation;

namespace TaaS.Cli.Simulation;

/// <summary>Results of several policies as an SVG picture: use of the cluster over time, jobs that wait, and waits by queue.</summary>
internal static class SimulationChart
{
    private const double Left = 80;
    private const double Width = 860;
    private const double Right = 30;
    private const double UseTop = 104;
    private const double UseHeight = 230;
    private const double LineTop = UseTop + UseHeight + 70;
    private const double LineHeight = 150;
    private const double BarsTop = LineTop + LineHeight + 90;
    private const double BarsHeight = 230;
    private const int Bins = 240;
    private const string Ink = "#222222";
    private const string Faint = "#666666";
    private const string Grid = "#e6e6e6";

    private static readonly string[] Palette = ["#1f6fb4", "#d1571b", "#2b8a3e", "#8e44ad", "#b8860b", "#0b7285", "#c2255c", "#495057"];

    /// <summary>Draws it.</summary>
    /// <param name="title">Name of the trace.</param>
    /// <param name="results">A result a policy.</param>
    public static string Draw(string title, IReadOnlyList<SimulationResult> results)
    {
        var drawing = new SvgDrawing(Left + Width + Right, BarsTop + BarsHeight + 60, "#ffffff");
        drawing.Text(Left, 28, title, 17, Ink, bold: true);
        DrawLegend(drawing, results);
        DrawUse(drawing, results);
        DrawLine(drawing, results);
        DrawBars(drawing, results);
        return drawing.ToString();
    }

    private static void DrawLegend(SvgDrawing drawing, IReadOnlyList<SimulationResult> results)
    {
        var x = Left;
        for (var i = 0; i < results.Count; i++)
        {
            const double letter = 7.2;
            var label = string.Create(CultureInfo.InvariantCulture, $"{results[i].Policy} ({results[i].GpuUtilisation:P0})");
            label = results[i].GpuUtilisation > 0 ? label : results[i].Policy;
            drawing.Rectangle(x, 48, 14, 4, Palette[i % Palette.Length]);
            drawing.Text(x + 19, 55, label, 12, Ink);
            x += 19 + label.Length * letter + 16;
        }
    }

    private static void DrawUse(SvgDrawing drawing, IReadOnlyList<SimulationResult> results)
    {
        var hours = results.Max(static result => result.Use[^1].At.TotalHours);
        var unit = results.Any(static result => result.GpuUtilisation > 0) ? "GPUs" : "cores";
        drawing.Text(Left, UseTop - 14, $"{unit} in use", 13, Ink, bold: true);
        DrawTime(drawing, UseTop, UseHeight, hours);
        for (var percent = 0; percent <= 100; percent += 25)
        {
            DrawLevel(drawing, UseTop + UseHeight * (1 - percent / 100.0), $"{percent} %");
        }

        for (var i = 0; i < results.Count; i++)
        {
            var line = Means(results[i].Use, static point => point.Gpu, hours);
            drawing.Polyline(line.Select(point => (Left + Width * point.Hour / hours, UseTop + UseHeight * (1 - point.Mean))), Palette[i % Palette.Length], 1.6);
        }
    }

    private static void DrawLine(SvgDrawing drawing, IReadOnlyList<SimulationResult> results)
    {
        var hours = results.Max(static result => result.Use[^1].At.TotalHours);
        var most = Math.Max(1, results.Max(static result => result.Use.Max(static point => point.Waiting)));
        drawing.Text(Left, LineTop - 14, "jobs that wait", 13, Ink, bold: true);
        DrawTime(drawing, LineTop, LineHeight, hours);
        var step = Step(most, 4);
        for (var level = 0.0; level <= most; level += step)
        {
            DrawLevel(drawing, LineTop + LineHeight * (1 - level / most), Label(level));
        }

        for (var i = 0; i < results.Count; i++)
        {
            var line = Means(results[i].Use, static point => point.Waiting, hours);
            drawing.Polyline(line.Select(point => (Left + Width * point.Hour / hours, LineTop + LineHeight * (1 - point.Mean / most))), Palette[i % Palette.Length], 1.6);
        }

        drawing.Text(Left + Width / 2, LineTop + LineHeight + 36, "hours", 12, Faint, TextAnchor.Middle);
    }

    private static void DrawBars(SvgDrawing drawing, IReadOnlyList<SimulationResult> results)
    {
        var queues = results[0].Queues.Where(static queue => queue.Jobs > 0).Select(static queue => queue.Name).ToArray();
        var most = Math.Max(results.Max(static result => result.Queues.Max(static queue => queue.WaitSeconds.P95)) / 3600, 1.0 / 60);
        drawing.Text(Left, BarsTop - 14, "hours a job waits, by queue: mean (bar) and 95th percentile (line)", 13, Ink, bold: true);
        var step = Step(most, 5);
        for (var level = 0.0; level <= most; level += step)
        {
            DrawLevel(drawing, BarsTop + BarsHeight * (1 - level / most), Label(level));
        }

        var slot = Width / queues.Length;
        var bar = Math.Min(slot * 0.8 / results.Count, 48);
        for (var q = 0; q < queues.Length; q++)
        {
            var first = Left + slot * (q + 0.5) - bar * results.Count / 2;
            for (var i = 0; i < results.Count; i++)
            {
                var wait = results[i].Queues.Single(queue => queue.Name == queues[q]).WaitSeconds;
                var (mean, high) = (BarsHeight * wait.Mean / 3600 / most, BarsHeight * wait.P95 / 3600 / most);
                var (x, colour) = (first + bar * i, Palette[i % Palette.Length]);
                drawing.Rectangle(x + 1, BarsTop + BarsHeight - mean, bar - 2, mean, colour);
                drawing.Line(x + bar / 2, BarsTop + BarsHeight - mean, x + bar / 2, BarsTop + BarsHeight - high, colour, 1.5);
                drawing.Line(x + bar / 4, BarsTop + BarsHeight - high, x + bar * 3 / 4, BarsTop + BarsHeight - high, colour, 1.5);
            }

            drawing.Text(Left + slot * (q + 0.5), BarsTop + BarsHeight + 18, queues[q], 12, Ink, TextAnchor.Middle);
        }

        drawing.Line(Left, BarsTop + BarsHeight, Left + Width, BarsTop + BarsHeight, Ink);
    }

    private static void DrawTime(SvgDrawing drawing, double top, double height, double hours)
    {
        var step = Step(hours, 12);
        for (var hour = 0.0; hour <= hours; hour += step)
        {
            var x = Left + Width * hour / hours;
            drawing.Line(x, top, x, top + height, Grid);
            drawing.Text(x, top + height + 17, Label(hour), 11, Ink, TextAnchor.Middle);
        }
    }

    private static void DrawLevel(SvgDrawing drawing, double y, string label)
    {
        drawing.Line(Left, y, Left + Width, y, Grid);
        drawing.Text(Left - 7, y + 4, label, 11, Ink, TextAnchor.End);
    }

    /// <summary>Means over equal parts of the time, for a curve of a thousand steps would be a smear.</summary>
    private static IEnumerable<(double Hour, double Mean)> Means(IReadOnlyList<UsePoint> points, Func<UsePoint, double> value, double hours)
    {
        var width = hours / Bins;
        var at = 0;
        for (var bin = 0; bin < Bins && bin * width < points[^1].At.TotalHours; bin++)
        {
            var (from, to) = (bin * width, (bin + 1) * width);
            while (at + 1 < points.Count && points[at + 1].At.TotalHours <= from)
            {
                at++;
            }

            var sum = 0.0;
            for (var i = at; i < points.Count && points[i].At.TotalHours < to; i++)
            {
                var end = i + 1 < points.Count ? points[i + 1].At.TotalHours : to;
                sum += value(points[i]) * Math.Max(0, Math.Min(end, to) - Math.Max(points[i].At.TotalHours, from));
            }

            yield return ((from + to) / 2, sum / width);
        }
    }

    /// <summary>1, 2 or 5 times a power of ten, so that there are at most so many steps.</summary>
    private static double Step(double range, int most)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(range / most)));
        return new[] { 1.0, 2, 5, 10 }.Select(times => times * power).First(step => range / step <= most);
    }

    private static string Label(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);
}
