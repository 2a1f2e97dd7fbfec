using System.Globalization;
using System.Text.Json;
using System.Xml.Linq;
using TaaS.Benchmarks.Distributed.Scaling;
using TaaS.Benchmarks.Distributed.Simulation;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Tests;

/// <summary>Real servers and workers on a tiny model, and the picture. Lost otherwise: a plot of steps that were never made.</summary>
public sealed class ScalingTests
{
    private static readonly ClusterModel Model = new() { Processors = 2, IsOneMachine = true, MessageSeconds = 1e-5, ByteSeconds = 5e-10, UpdateByteSeconds = 2e-10 };

    [Theory]
    [Trait("Category", "process")]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(2)]
    public void Measure_TwoServersThreeWorkers_ChecksAndCountsTheirSteps(int staleness)
    {
        var one = new ScalingCase(new UpdatePolicy(staleness, 3), Servers: 2, Elements: 600_000, ComputeMs: 5);

        var measured = new ScalingRig(warmUps: 2, steps: 6).Measure(one);

        Assert.True(measured.ComputeSeconds >= 0.005, $"{measured}");
        Assert.True(measured.StepSeconds > measured.ComputeSeconds, $"{measured}");
        Assert.True(measured is { WorkerProcessorSeconds: > 0, ServerProcessorSeconds: > 0 }, $"{measured}");
    }

    [Fact]
    public void Cases_StayWithinTheProcesses_AndCoverEveryMode()
    {
        ScalingCase[] cases = [.. new ScalingRun(1000, 1, 4, mostProcesses: 8, 1, _ => { }).Cases()];
        Assert.All(cases, one => Assert.InRange(one.Workers + one.Servers, 2, 8));
        Assert.Equal(["sync", "async", "ssp"], cases.Select(one => one.Mode).Distinct());
        Assert.Contains(cases, one => one is { Workers: 7, Servers: 1 });
        Assert.Contains(cases, one => one is { Workers: 4, Servers: 4 });
        Assert.Equal(cases.Length, cases.Distinct().Count());
    }

    [Fact]
    public void Chart_ShowsEveryMeasuredPointOnItsPlaceAndEveryLine()
    {
        var result = Result();
        var picture = XDocument.Parse(ScalingChart.Draw(result, ClusterCurves.Of(Model, mostWorkers: 2)));
        var circles = picture.Descendants().Where(element => element.Name.LocalName == "circle").ToArray();
        string[] texts = [.. picture.Descendants().Where(element => element.Name.LocalName == "text").Select(element => element.Value)];

        // All but the small model of the calibration.
        Assert.Equal(result.Points.Count - 1, circles.Length);
        Assert.All(circles, circle => Assert.InRange(double.Parse(circle.Attribute("cx")!.Value, CultureInfo.InvariantCulture), 70, 1300));
        Assert.All(new[] { "sync, all on one machine", "async, all on one machine", "1 server", "2 servers", "64 servers", "ms a step", ScalingReport.Agreement(result) }, text => Assert.Contains(text, texts));
    }

    [Fact]
    public void Report_SaysHowFarTheSimulationIsOff_AtPointsItWasNotMadeFrom()
    {
        var result = Result();
        var text = new StringWriter();
        ScalingReport.Print(result, text);
        Assert.Contains("simulated against measured at 4 other points: 25 % off at the median, 25 % at most", text.ToString(), StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        ScalingReport.WriteJson(folder.File("scaling.json"), result, []);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("scaling.json")));
        var points = json.RootElement.GetProperty("result").GetProperty("points");
        Assert.Equal(result.Points.Count, points.GetArrayLength());
        Assert.Equal(-0.2, points[2].GetProperty("error").GetDouble(), 6);
    }

    // As measured on a machine that is a fourth slower, or faster, than the model.
    private static ScalingResult Result()
    {
        var calibration = new ScalingCase(new UpdatePolicy(-1, 1), 1, 1024, 20);
        var points = new List<ScalingPoint> { Point(calibration, 1, true), Point(calibration with { Elements = 2_000_000 }, 1, true) };
        points.Add(Point(Case(0, 1, 1), 1.25, false));
        points.Add(Point(Case(0, 2, 2), 0.8, false));
        points.Add(Point(Case(-1, 1, 2), 0.8, false));
        points.Add(Point(Case(-1, 2, 4), 0.8, false));
        return new ScalingResult(Model, 0.02, points);

        ScalingCase Case(int staleness, int servers, int workers) => new(new UpdatePolicy(staleness, workers), servers, 2_000_000, 20);

        ScalingPoint Point(ScalingCase one, double slower, bool isCalibration)
        {
            var simulated = Calibration.Simulate(Model, one, 0.02, 10);
            return new ScalingPoint(new ScalingMeasurement(one, simulated * slower, 0.02, 0.001, 0.001), simulated, isCalibration);
        }
    }
}
