using System.Globalization;
using System.Text.Json;
using Spectre.Console;
using TaaS.Benchmarks.Operations.Timing;

namespace TaaS.Benchmarks.Distributed.Transport;

/// <summary>A transport run as tables, as verdicts on its bounds, and as JSON.</summary>
internal static class TransportReport
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>Prints all.</summary>
    internal static void Print(TransportResult result, TextWriter output)
    {
        var console = ConsoleOf(output);
        var table = new Table { Border = TableBorder.Simple };
        Columns(table, "push+pull", "time", "rate", "of iperf3", "x gRPC", "update", "processors", "B/round worker", "B/round server");
        foreach (var exchange in result.Exchanges)
        {
            table.AddRow(
                Markup.Escape(exchange.Name),
                Milliseconds(exchange.Seconds),
                Rate(exchange.BytesPerSecond),
                result.Iperf is null ? "" : Invariant($"{exchange.RatioTo(result.IperfBytesPerSecond):P0}"),
                Invariant($"{exchange.RatioTo(result.GrpcExchange):F2}"),
                Invariant($"{exchange.UpdateSeconds / exchange.Seconds:P0}"),
                Milliseconds(exchange.ProcessorSeconds),
                Invariant($"{exchange.WorkerAllocatedBytes:N0}"),
                Invariant($"{exchange.ServerAllocatedBytes:N0}"));
        }

        console.Write(table);
        var first = result.Exchanges[0];
        output.WriteLine(Invariant($"{first.Bytes / 2e6:0.#} MB of f32 pushed and as much pulled in slices, medians of {first.Rounds.Count} rounds; rate: bytes of both directions a second."));
        output.WriteLine(Invariant($"update: share of the time that plain sgd on these slices takes alone ({first.UpdateSeconds * 1e3:F1} ms); it is part of the time. Processors: time of both processes. B/round: the most of any round."));
        output.WriteLine(result.Iperf is null
            ? "iperf3: not installed; no share of its rate"
            : Invariant($"{result.Iperf}, one stream, one way: {Rate(Stretch.Quantile([.. result.IperfBytesPerSecond.Order()], 0.5))}"));
        output.WriteLine();

        var latency = new Table { Border = TableBorder.Simple };
        Columns(latency, "4 KiB push+pull", "p50", "p99", "p50 of gRPC's", "B/exchange worker", "B/exchange server");
        foreach (var one in result.Latencies)
        {
            latency.AddRow(
                Markup.Escape(one.Name),
                Microseconds(one.Median),
                Microseconds(one.High),
                Invariant($"{one.Median / result.Latencies[^1].Median:P0}"),
                Invariant($"{one.WorkerAllocatedBytes:N0}"),
                Invariant($"{one.ServerAllocatedBytes:N0}"));
        }

        console.Write(latency);
        foreach (var bound in TransportBounds.Of(result))
        {
            output.WriteLine($"{(bound.IsMet ? "met   " : "missed")}  {bound.Text}");
        }
    }

    /// <summary>Writes all figures, each round among them.</summary>
    internal static void WriteJson(string path, TransportResult result) => File.WriteAllText(path, JsonSerializer.Serialize(
        new { machine = Machines.Processor, time = TimeProvider.System.GetUtcNow(), result, bounds = TransportBounds.Of(result) },
        Json));

    /// <summary>A console that does not wrap tables in files and pipes.</summary>
    internal static IAnsiConsole ConsoleOf(TextWriter output)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 170;
        }

        return console;
    }

    private static void Columns(Table table, string first, params ReadOnlySpan<string> rest)
    {
        table.AddColumn(first);
        foreach (var column in rest)
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }
    }

    private static string Milliseconds(double seconds) => Invariant($"{seconds * 1e3:F1} ms");

    private static string Microseconds(double seconds) => Invariant($"{seconds * 1e6:F0} µs");

    private static string Rate(double bytesPerSecond) => Invariant($"{bytesPerSecond / 1e9:F2} GB/s");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
