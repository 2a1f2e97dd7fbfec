using System.Globalization;
using System.Text.Json;
using Spectre.Console;

namespace TaaS.Benchmarks.Scheduling;

/// <summary>Figures as a table, and all of them as JSON.</summary>
internal static class SchedulingReport
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.CamelCase };

    internal static void Print(SchedulingResult result)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumns(
            new TableColumn("passes"),
            new TableColumn("n").RightAligned(),
            new TableColumn("p50 ms").RightAligned(),
            new TableColumn("p99 ms").RightAligned(),
            new TableColumn("cpu p50").RightAligned(),
            new TableColumn("cpu p99").RightAligned(),
            new TableColumn("started").RightAligned(),
            new TableColumn("stopped").RightAligned(),
            new TableColumn("waiting").RightAligned());
        Row(table, "everything waits", result.Cold);
        Row(table, "a few end and arrive", result.Steady);
        Row(table, "80 GPUs, no room", result.NoRoom);
        Row(table, "snapshot before a pass", result.Snapshots, ["", "", ""]);
        if (Console.IsOutputRedirected)
        {
            // A file has no width of its own.
            AnsiConsole.Profile.Width = 120;
        }

        AnsiConsole.Write(table);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"pods decided a second: {result.PodsDecidedASecond:N0} ({result.PodsPlacedASecond:N0} placed); peak memory: {result.PeakBytes / (1024.0 * 1024):N0} MiB"));
    }

    internal static void WriteJson(string path, string machine, DateTimeOffset time, SchedulingResult result) =>
        File.WriteAllText(path, JsonSerializer.Serialize(
            new
            {
                Machine = machine,
                Time = time,
                result.Scale,
                result.Gangs,
                result.PodsDecidedASecond,
                result.PodsPlacedASecond,
                result.PeakBytes,
                Cold = Summary(result.Cold),
                Steady = Summary(result.Steady),
                NoRoom = Summary(result.NoRoom),
                Snapshots = Summary(result.Snapshots),
            },
            Format) + "\n");

    private static object Summary<T>(T[] passes)
        where T : Clocked =>
        new { P50Milliseconds = SchedulingResult.Quantile(passes, 0.5), P99Milliseconds = SchedulingResult.Quantile(passes, 0.99), Passes = passes };

    private static void Row(Table table, string name, PassTime[] passes) => Row(table, name, passes,
        [Number(passes.Average(static pass => pass.Admitted)), Number(passes.Average(static pass => pass.Preempted)), Number(passes.Average(static pass => pass.Waiting))]);

    private static void Row(Table table, string name, Clocked[] times, string[] gangs) => table.AddRow([
        name,
        Number(times.Length),
        Number(SchedulingResult.Quantile(times, 0.5)),
        Number(SchedulingResult.Quantile(times, 0.99)),
        Number(SchedulingResult.Quantile(times, 0.5, static time => time.ProcessorMilliseconds)),
        Number(SchedulingResult.Quantile(times, 0.99, static time => time.ProcessorMilliseconds)),
        .. gangs,
    ]);

    private static string Number(double value) => value.ToString(value < 10 ? "0.##" : "0", CultureInfo.InvariantCulture);
}
