using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Kernels;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Measure;

/// <summary>Results as a table and as JSON.</summary>
internal static class Report
{
    private static readonly Library[] Peers = [Library.OpenBlas, Library.OnnxRuntime, Library.MathNet, Library.LibTorch];

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };

    /// <summary>The device and what it runs with, in one line.</summary>
    internal static string Machine(Device device) => device is GpuDevice gpu ? Machines.Describe(gpu) : Machines.Processor;

    /// <summary>Prints the table, and below it why somebody is missing.</summary>
    internal static void Print(Device device, IReadOnlyList<CaseResult> results, TextWriter output)
    {
        var onProcessor = device is not GpuDevice;
        var peers = onProcessor ? Peers : [];
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("case");
        foreach (var column in (string[])[.. onProcessor ? ["threads"] : (string[])[], "time", "TaaS", "of peak", .. peers.Select(peer => $"x {Name(peer)}"), "B/run"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var result in results)
        {
            var ours = result.Ours;
            table.AddRow(
            [
                Markup.Escape(result.Case),
                .. onProcessor ? [Invariant($"{result.Threads}")] : (string[])[],
                ours.Problem is null ? Time(result.Seconds) : "",
                ours.Problem is null ? Speed(ours.PerSecond, result.Work.Unit) : "failed",
                ours.Problem is null && Find(result, Library.Peak) is { Problem: null } peak ? Invariant($"{peak.Ratio:P0}") : "",
                .. peers.Select(peer => Find(result, peer) is { } other ? other.Problem is null ? Invariant($"{other.Ratio:F2}") : "none" : ""),
                Invariant($"{ours.AllocatedBytes:F0}"),
            ]);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 170;
        }

        console.Write(table);
        output.WriteLine(onProcessor
            ? "x NAME: our speed divided by NAME's, the median over rounds in which both ran. Of peak: arithmetic in registers, or a plain memory copy."
            : "Of peak: arithmetic in registers, or the device's own copy. The peers run on the CPU only and are left out; benchmarks/gpu compares with PyTorch.");
        foreach (var problem in results.SelectMany(result => result.Contenders).Where(other => other.Problem is not null).Select(other => $"{Name(other.Library)}: {other.Problem}").Distinct())
        {
            output.WriteLine(problem);
        }
    }

    /// <summary>Writes all figures.</summary>
    internal static void WriteJson(string path, Device device, IReadOnlyList<CaseResult> results) =>
        File.WriteAllText(path, JsonSerializer.Serialize(new { device = device.Name, machine = Machine(device), time = TimeProvider.System.GetUtcNow(), results }, Json));

    private static ContenderResult? Find(CaseResult result, Library library) => result.Contenders.FirstOrDefault(other => other.Library == library);

    private static string Name(Library library) => library switch
    {
        Library.OpenBlas => "OpenBLAS",
        Library.OnnxRuntime => "ONNX Runtime",
        Library.MathNet => "Math.NET",
        Library.LibTorch => "libtorch",
        _ => library.ToString(),
    };

    private static string Time(double seconds) => seconds < 1e-3 ? Invariant($"{seconds * 1e6:F1} µs") : Invariant($"{seconds * 1e3:F2} ms");

    private static string Speed(double perSecond, WorkUnit unit) => unit switch
    {
        WorkUnit.Flop => Invariant($"{perSecond / 1e9:F1} GFLOP/s"),
        WorkUnit.Byte => Invariant($"{perSecond / 1e9:F1} GB/s"),
        _ => Invariant($"{perSecond:F0} images/s"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
