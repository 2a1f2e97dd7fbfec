using System.Globalization;
using System.Xml.Linq;

namespace TaaS.Drawing;

/// <summary>Where a text starts from.</summary>
internal enum TextAnchor
{
    Start,
    Middle,
    End,
}

/// <summary>Shapes of a picture in SVG 1.1, one after the other. Lengths are pixels, y grows downwards.</summary>
internal sealed class SvgDrawing
{
    private static readonly XNamespace Space = "http://www.w3.org/2000/svg";

    private readonly XElement _root;

    internal SvgDrawing(double width, double height, string background)
    {
        _root = new XElement(
            Space + "svg",
            new XAttribute("width", Number(width)),
            new XAttribute("height", Number(height)),
            new XAttribute("viewBox", $"0 0 {Number(width)} {Number(height)}"),
            new XAttribute("font-family", "DejaVu Sans, Helvetica, Arial, sans-serif"));
        Rectangle(0, 0, width, height, background);
    }

    internal void Rectangle(double x, double y, double width, double height, string fill) =>
        Add("rect", ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)), ("fill", fill));

    internal void Line(double x1, double y1, double x2, double y2, string stroke, double width = 1, string? dashes = null)
    {
        var line = Add("line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("stroke", stroke), ("stroke-width", Number(width)));
        if (dashes is not null)
        {
            line.Add(new XAttribute("stroke-dasharray", dashes));
        }
    }

    internal void Polyline(IEnumerable<(double X, double Y)> points, string stroke, double width) =>
        Add("polyline", ("points", string.Join(' ', points.Select(static point => $"{Number(point.X)},{Number(point.Y)}"))), ("fill", "none"), ("stroke", stroke), ("stroke-width", Number(width)), ("stroke-linejoin", "round"));

    internal void Circle(double x, double y, double radius, string fill) =>
        Add("circle", ("cx", Number(x)), ("cy", Number(y)), ("r", Number(radius)), ("fill", fill), ("stroke", "white"), ("stroke-width", "0.7"));

    internal void Text(double x, double y, string text, double size, string fill, TextAnchor anchor = TextAnchor.Start, double turn = 0, bool bold = false, bool halo = false)
    {
        var element = Add("text", ("x", Number(x)), ("y", Number(y)), ("font-size", Number(size)), ("fill", fill), ("text-anchor", anchor.ToString().ToLowerInvariant()));
        element.Value = text;
        if (turn != 0)
        {
            element.Add(new XAttribute("transform", $"rotate({Number(turn)} {Number(x)} {Number(y)})"));
        }

        if (halo)
        {
            // A white edge behind the letters, so that they stay readable over points and lines.
            element.Add(new XAttribute("stroke", "white"), new XAttribute("stroke-width", 4), new XAttribute("stroke-linejoin", "round"), new XAttribute("paint-order", "stroke"));
        }

        if (bold)
        {
            element.Add(new XAttribute("font-weight", "bold"));
        }
    }

    public override string ToString() => _root + "\n";

    private static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    private XElement Add(string name, params ReadOnlySpan<(string Name, string Value)> attributes)
    {
        var element = new XElement(Space + name);
        foreach (var (attribute, value) in attributes)
        {
            element.Add(new XAttribute(attribute, value));
        }

        _root.Add(element);
        return element;
    }
}
