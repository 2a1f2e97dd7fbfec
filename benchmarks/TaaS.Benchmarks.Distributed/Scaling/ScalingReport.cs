using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using TaaS.Benchmarks.Distributed.Transport;
using TaaS.Benchmarks.Operations.Timing;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>A scaling run as a table and as JSON.</summary>
internal static class ScalingReport
{
    // An unlimited line is an infinite number.
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>Prints all.</summary>
    internal static void Print(ScalingResult result, TextWriter output)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("mode");
        foreach (var column in (string[])["servers", "workers", "model", "measured step", "simulated step", "off", "processors a step"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var point in result.Points)
        {
            var one = point.Measured.Case;
            table.AddRow(
                point.IsCalibration ? $"{one.Mode} (calibration)" : one.Mode,
                Invariant($"{one.Servers}"),
                Invariant($"{one.Workers}"),
                Invariant($"{one.Elements * 4e-6:0.###} MB"),
                Milliseconds(point.Measured.StepSeconds),
                Milliseconds(point.SimulatedSeconds),
                Invariant($"{point.Error:+0 %;-0 %;0 %}"),
                Milliseconds(point.Measured.WorkerProcessorSeconds + point.Measured.ServerProcessorSeconds));
        }

        TransportReport.ConsoleOf(output).Write(table);
        output.WriteLine("step: what a step of each worker costs, computing included. processors: time of a worker and its share of the servers. off: simulated against measured.");
        output.WriteLine(Parameters(result));
        output.WriteLine(Agreement(result));
    }

    /// <summary>The simulation's parameters in a line.</summary>
    internal static string Parameters(ScalingResult result)
    {
        var model = result.Model;
        return Invariant($"calibrated: {model.Processors} processors; {model.MessageSeconds * 1e6:F0} µs a message and {model.ByteSeconds * 1e9:F2} ns a byte at each end, update {model.UpdateByteSeconds * 1e9:F2} ns a byte, latency {model.LatencySeconds * 1e6:F0} µs, line {(double.IsInfinity(model.LineBytesPerSecond) ? "without limit" : $"{model.LineBytesPerSecond / 1e9:F2} GB/s")}");
    }

    /// <summary>How well the simulation fits points that it was not calibrated by.</summary>
    internal static string Agreement(ScalingResult result)
    {
        double[] errors = [.. result.Checks.Select(point => Math.Abs(point.Error)).Order()];
        return errors.Length == 0
            ? "no points beside those of the calibration"
            : Invariant($"simulated against measured at {errors.Length} other points: {Stretch.Quantile(errors, 0.5):P0} off at the median, {errors[^1]:P0} at most");
    }

    /// <summary>Writes all figures.</summary>
    internal static void WriteJson(string path, ScalingResult result, IReadOnlyList<ClusterPoint> cluster) => File.WriteAllText(path, JsonSerializer.Serialize(
        new { machine = Machines.Processor, time = TimeProvider.System.GetUtcNow(), agreement = Agreement(result), result, clusterAssumptions = ClusterCurves.Assumptions, cluster },
        Json));

    private static string Milliseconds(double seconds) => Invariant($"{seconds * 1e3:F1} ms");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
