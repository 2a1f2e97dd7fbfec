using System.CommandLine;
using System.Text.Json;
using TaaS.Benchmarks.Gpu.Report;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Roofline;
using TaaS.Kernels;

namespace TaaS.Benchmarks.Gpu;

internal static class Program
{
    private const int Failed = 1;
    private const int Usage = 2;
    private const int Machine = 3;

    private static int Main(string[] arguments)
    {
        var device = new Option<string>("--device") { Description = "cuda:0, cuda:1, …; or emulator, which checks this harness on tiny shapes and says nothing about speed.", HelpName = "NAME", DefaultValueFactory = _ => "cuda:0" };
        var output = new Option<string>("--out") { Description = "Folder for gpu.json, gpu.md and gpu-roofline.svg.", HelpName = "FOLDER", DefaultValueFactory = _ => "." };
        var peer = new Option<string[]>("--peer") { Description = "Command that runs torch_peer.py; without it there is nothing to compare with.", HelpName = "COMMAND", AllowMultipleArgumentsPerToken = true };
        var filter = new Option<string>("--filter") { Description = "Only cases whose name contains this text.", HelpName = "TEXT" };
        var rounds = new Option<int>("--rounds") { Description = "Rounds that count.", HelpName = "N", DefaultValueFactory = _ => 9 };
        var parts = new Option<Parts>("--only") { Description = "conformance or benchmarks; default: both.", HelpName = "PART", DefaultValueFactory = _ => Parts.All };
        var own = new Option<bool>("--own-kernels") { Description = "Leave matrix work to the engine's own kernels, also where cuBLASLt and cuDNN are found; PyTorch's column then compares them with those libraries." };
        var tiny = new Option<bool>("--tiny") { Description = "Tiny shapes: shows whether everything runs, and says nothing about speed." };
        var list = new Option<bool>("--list") { Description = "Print the cases as JSON, one a line, and end." };
        rounds.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !int.TryParse(token.Value, out var number) || number is < 1 or > 1000))
            {
                result.AddError("--rounds: give a number from 1 to 1000");
            }
        });
        var root = new RootCommand("Runs the conformance suite on a GPU, then every benchmark beside PyTorch.") { device, output, peer, filter, rounds, parts, own, tiny, list };
        root.SetAction(parsed => parsed.GetValue(list)
            ? List()
            : Run(new Options(parsed.GetValue(device)!, parsed.GetValue(output)!, parsed.GetValue(peer) ?? [], parsed.GetValue(filter), parsed.GetValue(rounds), parsed.GetValue(parts), parsed.GetValue(own), parsed.GetValue(tiny))));
        var command = root.Parse(arguments);
        return command.Errors.Count > 0 ? Say($"{command.Errors[0].Message} (see --help)", Usage) : command.Invoke();
    }

    /// <summary>What PyTorch's side must know: name, sizes and type of every case.</summary>
    private static int List()
    {
        foreach (var operation in OperationCatalog.All(Scale.Gpu))
        {
            Console.WriteLine(JsonSerializer.Serialize(new { key = operation.Key, sizes = operation.Sizes, type = operation.Type }));
        }

        return 0;
    }

    private static int Run(Options options)
    {
        try
        {
            if (!options.IsEmulator && !options.Device.StartsWith("cuda:", StringComparison.Ordinal))
            {
                return Say($"--device: there is no GPU '{options.Device}'; use cuda:N or {Options.Emulator}", Usage);
            }

            Directory.CreateDirectory(options.Output);
            var report = new HarnessRun(options, Console.Error).Run();
            Save(options.Output, report);
            Console.WriteLine($"{report.Checks.Count(check => check.Failure is null)} checks passed, {report.Checks.Count(check => check.Failure is not null)} failed; {report.Cases.Count(one => one.Problem is null)} cases timed, {report.Cases.Count(one => one.Problem is not null)} failed; tables in {options.Output}");
            return report.IsRight ? 0 : Failed;
        }
        catch (DeviceException error)
        {
            return Say(error.Message, Machine);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Say($"--out: {options.Output} cannot be written: {error.Message}", Failed);
        }
    }

    private static void Save(string folder, RunReport report)
    {
        File.WriteAllText(Path.Combine(folder, "gpu.json"), JsonReport.Write(report));
        File.WriteAllText(Path.Combine(folder, "gpu.md"), MarkdownReport.Write(report));
        RooflinePoint[] points = [.. report.Cases.Where(one => one.Best is not null && one.Operation.Precision == MatrixPrecision.Float32).Select(one => new RooflinePoint(one.Operation.Group, one.Operation.FullName, one.Operation.Work, one.Best!.Median))];
        if (report.Roof is { } roof && points.Length > 0)
        {
            string[] caption =
            [
                report.Machine,
                report.IsTiny ? "Tiny shapes: this shows that the picture is drawn, and nothing about any GPU." : "Roof: multiply-adds in registers and a copy of 268 MB, measured in this run. Operands do not fit the cache.",
                "FLOP: additions, multiplications, comparisons and function values; a moved element counts as one.",
            ];
            new RooflineChart($"Kernels of TaaS.Engine on {report.Device}, f32", caption, roof, points).Save(Path.Combine(folder, "gpu-roofline.svg"));
        }
    }

    private static int Say(string message, int code)
    {
        Console.Error.WriteLine($"taas-gpu-bench: {message}");
        return code;
    }
}
