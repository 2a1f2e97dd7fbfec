using System.Globalization;
using System.Xml.Linq;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Roofline;

namespace TaaS.Benchmarks.Gpu.Tests;

/// <summary>A picture that cannot be read shows nothing.</summary>
public sealed class RooflineTests
{
    private static readonly Roof Roof = new(Flops: 4e12, Bytes: 2e12);

    [Fact]
    public void Roof_RisesWithIntensity_UntilTheRidge()
    {
        Assert.Equal(2, Roof.Ridge);
        Assert.Equal(1e12, Roof.At(0.5));
        Assert.Equal(4e12, Roof.At(50));
    }

    [Fact]
    public void Draw_SaysWhatTheAxesAreAndEveryCase()
    {
        var picture = XDocument.Parse(Chart(Points(40)).Draw());
        string[] texts = [.. picture.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];
        Assert.Contains("arithmetic intensity (FLOP / byte)", texts);
        Assert.Contains("achieved (GFLOP/s)", texts);
        Assert.Contains("compute peak 4.0 TFLOP/s", texts);
        Assert.Contains("memory bandwidth 2000.0 GB/s", texts);
        Assert.Contains("a <device> & its versions", texts);
        Assert.All(Points(40), point => Assert.Contains(point.Label, texts));
    }

    [Fact]
    public void Draw_PointsBelowTheRoof_LieInsideThePlot()
    {
        var picture = XDocument.Parse(Chart(Points(60)).Draw());
        var circles = picture.Descendants().Where(element => element.Name.LocalName == "circle").ToArray();
        Assert.Equal(60, circles.Length);
        Assert.All(circles, circle => Assert.True(Number(circle, "cx") is > 80 and < 800 && Number(circle, "cy") > 50, circle.ToString()));
    }

    [Fact]
    public void Draw_FasterThanTheRoof_StaysInsideThePlot()
    {
        var above = new RooflinePoint("gemm", "from the cache", new Work(WorkUnit.Flop, 1e12, 1e9), 0.05);
        var circle = XDocument.Parse(Chart([above]).Draw()).Descendants().Single(element => element.Name.LocalName == "circle");
        Assert.True(Number(circle, "cy") > 50, circle.ToString());
    }

    [Fact]
    public void Labels_OfPointsThatCoincide_DoNotOverlap()
    {
        var placement = new LabelPlacement(new Box(0, 0, 300, 300));
        Box[] boxes = [.. Enumerable.Range(0, 60).Select(i => placement.Place(150 + i % 3, 150, 15, 12))];
        for (var i = 0; i < boxes.Length; i++)
        {
            Assert.True(boxes[i].Lies(new Box(0, 0, 300, 300)), $"{boxes[i]}");
            for (var other = 0; other < i; other++)
            {
                Assert.False(boxes[i].Overlaps(boxes[other]), $"{boxes[i]} {boxes[other]}");
            }
        }
    }

    [Fact]
    public void LogAxis_MapsDecadesEvenly()
    {
        var axis = new LogAxis(0.1, 1000, 0, 400);
        Assert.Equal([0.1, 1, 10, 100, 1000], axis.Decades.Select(value => Math.Round(value, 6)));
        Assert.Equal(100, axis.At(1), 6);
        Assert.Equal(300, axis.At(100), 6);
        Assert.Equal("0.05", LogAxis.Label(0.05));
    }

    private static RooflineChart Chart(IReadOnlyList<RooflinePoint> points) => new("title", ["a <device> & its versions"], Roof, points);

    private static RooflinePoint[] Points(int count) =>
        [.. Enumerable.Range(0, count).Select(i => new RooflinePoint($"group {i % 5}", $"case {i}", new Work(i % 2 == 0 ? WorkUnit.Byte : WorkUnit.Flop, 1e9 * (1 + i % 7), 1e9), 0.002 * (1 + i % 3)))];

    private static double Number(XElement element, string name) => double.Parse(element.Attribute(name)!.Value, CultureInfo.InvariantCulture);
}
