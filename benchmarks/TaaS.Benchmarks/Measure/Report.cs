using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Spectre.Console;
using TaaS.Benchmarks.Cases;

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

    /// <summary>This machine in one line.</summary>
    internal static string Machine
    {
        get
        {
            var model = File.Exists("/proc/cpuinfo")
                ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
                : null;
            var vectors = Vector512.IsHardwareAccelerated ? "AVX-512" : Vector256.IsHardwareAccelerated ? "AVX2" : "128-bit vectors";
            return $"{model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} processors, {vectors}, {RuntimeInformation.FrameworkDescription}";
        }
    }

    /// <summary>Prints the table, and below it why a peer is missing.</summary>
    internal static void Print(IReadOnlyList<CaseResult> results, TextWriter output)
    {
        var table = new Table { Border = TableBorder.Simple };
        table.AddColumn("case");
        foreach (var column in (string[])["threads", "TaaS", "of peak", "x OpenBLAS", "x ONNX Runtime", "x Math.NET", "x libtorch", "B/run"])
        {
            table.AddColumn(new TableColumn(column).RightAligned());
        }

        foreach (var result in results)
        {
            var ours = result.Contenders[0];
            table.AddRow(
            [
                Markup.Escape(result.Case),
                Invariant($"{result.Threads}"),
                Markup.Escape(Speed(ours.PerSecond, result.Unit)),
                Find(result, Library.Peak) is { } peak ? Invariant($"{peak.Ratio:P0}") : "",
                .. Peers.Select(peer => Find(result, peer) is { } other ? other.Problem is null ? Invariant($"{other.Ratio:F2}") : "none" : ""),
                Invariant($"{ours.AllocatedBytes:F0}"),
            ]);
        }

        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) });
        if (Console.IsOutputRedirected)
        {
            console.Profile.Width = 160;
        }

        console.Write(table);
        output.WriteLine("x NAME: our speed divided by NAME's, the median over rounds in which both ran. Of peak: arithmetic in registers, or a plain memory copy.");
        foreach (var problem in results.SelectMany(result => result.Contenders).Where(other => other.Problem is not null).Select(other => $"{other.Library}: {other.Problem}").Distinct())
        {
            output.WriteLine(problem);
        }
    }

    /// <summary>Writes all figures.</summary>
    internal static void WriteJson(string path, IReadOnlyList<CaseResult> results) =>
        File.WriteAllText(path, JsonSerializer.Serialize(new { machine = Machine, time = TimeProvider.System.GetUtcNow(), results }, Json));

    private static ContenderResult? Find(CaseResult result, Library library) => result.Contenders.FirstOrDefault(other => other.Library == library);

    private static string Speed(double perSecond, WorkUnit unit) => unit switch
    {
        WorkUnit.Flop => Invariant($"{perSecond / 1e9:F1} GFLOP/s"),
        WorkUnit.Byte => Invariant($"{perSecond / 1e9:F1} GB/s"),
        _ => Invariant($"{perSecond:F0} images/s"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
