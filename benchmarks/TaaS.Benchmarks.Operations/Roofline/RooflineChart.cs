using System.Globalization;
using TaaS.Drawing;

namespace TaaS.Benchmarks.Operations.Roofline;

/// <summary>
/// Measured cases under the machine's roof as an SVG picture: operations a second over operations for each byte, both logarithmic.
/// Points carry numbers; the list beside the plot says what they are and how near to the roof.
/// </summary>
public sealed class RooflineChart(string title, IReadOnlyList<string> caption, Roof roof, IReadOnlyList<RooflinePoint> points)
{
    private const double Left = 80;
    private const double Top = 50;
    private const double PlotWidth = 720;
    private const double ListX = Left + PlotWidth + 28;
    private const double ListWidth = 500;
    private const double Row = 15;
    private const double LeastPlotHeight = 560;
    private const string Ink = "#222222";
    private const string Faint = "#666666";

    private static readonly string[] Palette =
        ["#1f6fb4", "#d1571b", "#2b8a3e", "#8e44ad", "#b8860b", "#c2255c", "#0b7285", "#5f3dc4", "#6b4f2a", "#495057", "#a61e4d", "#2f9e44"];

    private readonly string[] _groups = [.. points.Select(point => point.Group).Distinct()];
    private readonly double _plotHeight = Math.Max(LeastPlotHeight, (points.Count + 4) * Row);

    /// <summary>Writes the picture.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void Save(string path) => File.WriteAllText(path, Draw());

    /// <summary>The picture as text.</summary>
    public string Draw()
    {
        var drawing = new SvgDrawing(ListX + ListWidth, Top + _plotHeight + 70 + caption.Count * Row, "#ffffff");
        var intensities = points.Select(point => point.Intensity).Append(roof.Ridge).ToArray();
        var speeds = points.Select(point => point.Flops).Append(roof.Flops).ToArray();
        var x = new LogAxis(intensities.Min() / 1.5, Math.Max(intensities.Max() * 1.5, roof.Ridge * 4), Left, Left + PlotWidth);
        var lowest = Math.Min(speeds.Min(), roof.At(x.Low));
        var y = new LogAxis(lowest / 1e9 / 1.3, speeds.Max() / 1e9 * 1.6, Top + _plotHeight, Top);
        drawing.Text(Left, 28, title, 17, Ink, bold: true);
        DrawAxes(drawing, x, y);
        DrawPoints(drawing, x, y);
        DrawList(drawing);
        for (var line = 0; line < caption.Count; line++)
        {
            drawing.Text(Left, Top + _plotHeight + 68 + line * Row, caption[line], 11, Faint);
        }

        return drawing.ToString();
    }

    private void DrawAxes(SvgDrawing drawing, LogAxis x, LogAxis y)
    {
        double bottom = Top + _plotHeight, right = Left + PlotWidth;
        foreach (var (value, isDecade) in x.Decades.Select(value => (value, true)).Concat(x.Between.Select(value => (value, false))))
        {
            drawing.Line(x.At(value), Top, x.At(value), bottom, isDecade ? "#dddddd" : "#f1f1f1");
            drawing.Text(x.At(value), bottom + 17, LogAxis.Label(value), isDecade ? 12 : 9, isDecade ? Ink : Faint, TextAnchor.Middle);
        }

        foreach (var (value, isDecade) in y.Decades.Select(value => (value, true)).Concat(y.Between.Select(value => (value, false))))
        {
            drawing.Line(Left, y.At(value), right, y.At(value), isDecade ? "#dddddd" : "#f1f1f1");
            drawing.Text(Left - 8, y.At(value) + 4, LogAxis.Label(value), isDecade ? 12 : 9, isDecade ? Ink : Faint, TextAnchor.End);
        }

        drawing.Line(Left, bottom, right, bottom, Ink);
        drawing.Line(Left, Top, Left, bottom, Ink);
        drawing.Text(Left + PlotWidth / 2, bottom + 40, "arithmetic intensity (FLOP / byte)", 13, Ink, TextAnchor.Middle);
        drawing.Text(22, Top + _plotHeight / 2, "achieved (GFLOP/s)", 13, Ink, TextAnchor.Middle, turn: -90);
    }

    /// <summary>The roof's two lines; gives their boxes, cut into short ones along the slope, for labels to stay clear of.</summary>
    private IEnumerable<Box> DrawRoof(SvgDrawing drawing, LogAxis x, LogAxis y)
    {
        const int pieces = 150;
        double ridgeX = x.At(roof.Ridge), ridgeY = y.At(roof.Flops / 1e9);
        double startX = x.At(x.Low), startY = y.At(roof.At(x.Low) / 1e9);
        drawing.Line(ridgeX, ridgeY, ridgeX, Top + _plotHeight, "#999999", 1, "4 4");
        drawing.Line(startX, startY, ridgeX, ridgeY, Ink, 2);
        drawing.Line(ridgeX, ridgeY, x.At(x.High), ridgeY, Ink, 2);
        return
        [
            new Box(ridgeX, ridgeY - 1, x.At(x.High) - ridgeX, 2),
            .. Enumerable.Range(0, pieces).Select(i => new Box(startX + (ridgeX - startX) * i / pieces, startY + (ridgeY - startY) * i / pieces - 1, (ridgeX - startX) / pieces, 2)),
        ];
    }

    private void DrawPoints(SvgDrawing drawing, LogAxis x, LogAxis y)
    {
        const double radius = 4.5;
        const double height = 12;
        var placement = new LabelPlacement(new Box(Left + 2, Top + 2, PlotWidth - 4, _plotHeight - 4));
        foreach (var box in DrawRoof(drawing, x, y))
        {
            placement.Take(box);
        }

        var places = points.Select(point => (X: x.At(point.Intensity), Y: y.At(point.Flops / 1e9))).ToArray();
        foreach (var place in places)
        {
            placement.Take(new Box(place.X - radius, place.Y - radius, 2 * radius, 2 * radius));
        }

        Name($"compute peak {Speed(roof.Flops)}", Math.Sqrt(roof.Ridge * x.High));
        Name($"memory bandwidth {Gigabytes(roof.Bytes)}", Math.Sqrt(x.Low * roof.Ridge));
        var labels = new Box[points.Count];
        for (var i = 0; i < points.Count; i++)
        {
            labels[i] = placement.Place(places[i].X, places[i].Y, i < 9 ? 8 : 15, height);
            drawing.Line(places[i].X, places[i].Y, labels[i].CentreX, labels[i].CentreY, "#cccccc", 0.8);
        }

        for (var i = 0; i < points.Count; i++)
        {
            drawing.Text(labels[i].CentreX, labels[i].CentreY + 4, Number(i), 11, Colour(points[i]), TextAnchor.Middle, halo: true);
        }

        for (var i = 0; i < points.Count; i++)
        {
            drawing.Circle(places[i].X, places[i].Y, radius, Colour(points[i]));
        }

        // The roof's own labels come first: they are long, and numbers fit anywhere.
        void Name(string text, double intensity)
        {
            const double letter = 7;
            var box = placement.Place(x.At(intensity), y.At(roof.At(intensity) / 1e9), text.Length * letter, 15);
            drawing.Text(box.CentreX, box.CentreY + 4, text, 12, Ink, TextAnchor.Middle, halo: true);
        }
    }

    private void DrawList(SvgDrawing drawing)
    {
        var y = Top + 4;
        drawing.Text(ListX + 24, y, "case", 11, Faint);
        drawing.Text(ListX + ListWidth - 66, y, "achieved", 11, Faint, TextAnchor.End);
        drawing.Text(ListX + ListWidth - 12, y, "of roof", 11, Faint, TextAnchor.End);
        for (var i = 0; i < points.Count; i++)
        {
            y += Row;
            var (point, colour) = (points[i], Colour(points[i]));
            drawing.Text(ListX + 16, y, Number(i), 11, colour, TextAnchor.End, bold: true);
            drawing.Text(ListX + 24, y, point.Label, 11, Ink);
            drawing.Text(ListX + ListWidth - 66, y, point.Work.Unit == WorkUnit.Byte ? Gigabytes(point.Work.Bytes / point.Seconds) : Speed(point.Flops), 11, Ink, TextAnchor.End);
            drawing.Text(ListX + ListWidth - 12, y, (point.Flops / roof.At(point.Intensity)).ToString("P0", CultureInfo.InvariantCulture).Replace(" ", "", StringComparison.Ordinal), 11, Ink, TextAnchor.End);
        }
    }

    private static string Number(int index) => (index + 1).ToString(CultureInfo.InvariantCulture);

    private static string Speed(double flops) => flops >= 1e12
        ? string.Create(CultureInfo.InvariantCulture, $"{flops / 1e12:F1} TFLOP/s")
        : string.Create(CultureInfo.InvariantCulture, $"{flops / 1e9:F1} GFLOP/s");

    private static string Gigabytes(double bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e9:F1} GB/s");

    private string Colour(RooflinePoint point) => Palette[Array.IndexOf(_groups, point.Group) % Palette.Length];
}
