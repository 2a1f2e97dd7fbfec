using TaaS.Benchmarks.Operations.Roofline;
using TaaS.Drawing;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>A line and points of one colour.</summary>
/// <param name="Name">Label at the line's end.</param>
/// <param name="Line">Places to draw through, from left to right.</param>
/// <param name="Dots">Places to mark.</param>
internal sealed record PanelSeries(string Name, IReadOnlyList<(double X, double Y)> Line, IReadOnlyList<(double X, double Y)> Dots);

/// <summary>One plot of a picture, both axes logarithmic.</summary>
/// <param name="area">Where the plot lies, without its labels.</param>
/// <param name="title">Above it.</param>
/// <param name="xName">Below it.</param>
/// <param name="yName">Left of it; nothing where a neighbour says it.</param>
internal sealed class Panel(Box area, string title, string xName, string yName)
{
    private const string Ink = "#222222";
    private const string Faint = "#666666";

    private static readonly string[] Palette = ["#1f6fb4", "#d1571b", "#2b8a3e", "#8e44ad", "#b8860b"];

    /// <summary>Draws it.</summary>
    internal void Draw(SvgDrawing drawing, IReadOnlyList<PanelSeries> series)
    {
        (double X, double Y)[] all = [.. series.SelectMany(one => one.Line.Concat(one.Dots))];
        var x = new LogAxis(all.Min(place => place.X), all.Max(place => place.X) * 1.05, area.X, area.X + area.Width);
        var y = new LogAxis(all.Min(place => place.Y) / 1.1, all.Max(place => place.Y) * 1.1, area.Y + area.Height, area.Y);
        DrawAxes(drawing, x, y);
        var placement = new LabelPlacement(new Box(area.X + 2, area.Y + 2, area.Width - 4, area.Height - 4));
        foreach (var (at, colour) in series.Select((one, index) => (one, Palette[index % Palette.Length])))
        {
            DrawSeries(drawing, placement, at, colour, x, y);
        }

        for (var index = 0; index < series.Count; index++)
        {
            const double letter = 7;
            var (name, last) = (series[index].Name, series[index].Line[^1]);
            var label = placement.Place(x.At(last.X), y.At(last.Y), name.Length * letter, 14);
            drawing.Text(label.CentreX, label.CentreY + 4, name, 12, Palette[index % Palette.Length], TextAnchor.Middle, halo: true);
        }
    }

    private static void DrawSeries(SvgDrawing drawing, LabelPlacement placement, PanelSeries series, string colour, LogAxis x, LogAxis y)
    {
        const double radius = 4;
        for (var i = 1; i < series.Line.Count; i++)
        {
            var (from, to) = (series.Line[i - 1], series.Line[i]);
            drawing.Line(x.At(from.X), y.At(from.Y), x.At(to.X), y.At(to.Y), colour, 1.8);
        }

        foreach (var dot in series.Dots)
        {
            drawing.Circle(x.At(dot.X), y.At(dot.Y), radius, colour);
            placement.Take(new Box(x.At(dot.X) - radius, y.At(dot.Y) - radius, 2 * radius, 2 * radius));
        }
    }

    private void DrawAxes(SvgDrawing drawing, LogAxis x, LogAxis y)
    {
        double bottom = area.Y + area.Height, right = area.X + area.Width;
        drawing.Text(area.X, area.Y - 10, title, 13, Ink, bold: true);
        foreach (var value in x.Decades.Concat(x.Between))
        {
            drawing.Line(x.At(value), area.Y, x.At(value), bottom, "#e6e6e6");
            drawing.Text(x.At(value), bottom + 17, LogAxis.Label(value), 11, Ink, TextAnchor.Middle);
        }

        foreach (var value in y.Decades.Concat(y.Between))
        {
            drawing.Line(area.X, y.At(value), right, y.At(value), "#e6e6e6");
            drawing.Text(area.X - 7, y.At(value) + 4, LogAxis.Label(value), 11, Ink, TextAnchor.End);
        }

        drawing.Line(area.X, bottom, right, bottom, Ink);
        drawing.Line(area.X, area.Y, area.X, bottom, Ink);
        drawing.Text(area.CentreX, bottom + 36, xName, 12, Faint, TextAnchor.Middle);
        drawing.Text(area.X - 54, area.CentreY, yName, 12, Faint, TextAnchor.Middle, turn: -90);
    }
}
