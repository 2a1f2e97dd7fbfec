using System.CommandLine;
using BenchmarkDotNet.Running;
using TaaS.Benchmarks.Cases;
using TaaS.Benchmarks.Measure;
using TaaS.Benchmarks.Suites;

namespace TaaS.Benchmarks;

internal static class Program
{
    private const int Failed = 1;
    private const int Usage = 2;

    private static int Main(string[] arguments)
    {
        var root = new RootCommand("Measures the kernels beside their peers.") { KernelsCommand(), SuitesCommand() };
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            Console.Error.WriteLine($"bench: {parsed.Errors[0].Message} (see ./taas bench --help)");
            return Usage;
        }

        return parsed.Invoke();
    }

    private static Command KernelsCommand()
    {
        var filter = new Option<string>("--filter") { Description = "Only cases whose name contains this text.", HelpName = "TEXT" };
        var threads = new Option<int[]>("--threads") { Description = "Numbers of threads; default: 1 and all processors.", HelpName = "N", AllowMultipleArgumentsPerToken = true };
        var json = new Option<string>("--json") { Description = "Also write all figures to this file.", HelpName = "FILE" };
        var rounds = new Option<int>("--rounds") { Description = "Rounds that count.", HelpName = "N", DefaultValueFactory = _ => 9 };
        threads.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !int.TryParse(token.Value, out var number) || number is < 1 or > 1024))
            {
                result.AddError("--threads: give numbers from 1 to 1024");
            }
        });
        rounds.Validators.Add(result =>
        {
            if (result.Tokens.Any(token => !int.TryParse(token.Value, out var number) || number is < 1 or > 1000))
            {
                result.AddError("--rounds: give a number from 1 to 1000");
            }
        });
        var command = new Command("kernels", "A table of speeds, shares of the peak and ratios to peers, measured in pairs.") { filter, threads, json, rounds };
        command.SetAction(parsed => Kernels(parsed.GetValue(filter), parsed.GetValue(threads) ?? [], parsed.GetValue(json), parsed.GetValue(rounds)));
        return command;
    }

    private static Command SuitesCommand()
    {
        var rest = new Argument<string[]>("arguments") { Description = "Passed to BenchmarkDotNet, such as --filter '*Gemm*' or --list flat." };
        var command = new Command("suites", "The same cases as BenchmarkDotNet suites.") { rest };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(parsed =>
        {
            string[] passed = [.. parsed.GetValue(rest) ?? [], .. parsed.UnmatchedTokens];
            var summaries = BenchmarkSwitcher.FromTypes(Suite.All).Run(passed.Length == 0 ? ["--filter", "*"] : passed, Suite.Config);
            return summaries.All(summary => !summary.HasCriticalValidationErrors) ? 0 : 1;
        });
        return command;
    }

    private static int Kernels(string? filter, int[] threads, string? json, int rounds)
    {
        Workload[] cases = [.. Catalog.All.Where(one => filter is null || one.FullName.Contains(filter, StringComparison.OrdinalIgnoreCase))];
        if (cases.Length == 0)
        {
            Console.Error.WriteLine($"bench: no case contains '{filter}'; there are:");
            foreach (var one in Catalog.All)
            {
                Console.Error.WriteLine($"  {one.FullName}");
            }

            return Usage;
        }

        if (json is not null && Path.GetDirectoryName(Path.GetFullPath(json)) is { } folder && !Directory.Exists(folder))
        {
            Console.Error.WriteLine($"bench: --json: the folder {folder} does not exist");
            return Usage;
        }

        if (threads.Length == 0)
        {
            threads = Environment.ProcessorCount == 1 ? [1] : [1, Environment.ProcessorCount];
        }

        Console.WriteLine(Report.Machine);
        var timing = new PairedTiming(rounds, TimeSpan.FromMilliseconds(40));
        var results = new List<CaseResult>();
        foreach (var count in threads)
        {
            foreach (var one in cases)
            {
                Console.Error.WriteLine($"measuring {one.FullName}, {count} thread{(count == 1 ? "" : "s")}");
                results.Add(timing.Measure(one, count));
            }
        }

        Report.Print(results, Console.Out);
        return json is null || Save(json, results) ? 0 : Failed;
    }

    private static bool Save(string path, List<CaseResult> results)
    {
        try
        {
            Report.WriteJson(path, results);
            return true;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine($"bench: --json: {path} could not be written: {error.Message}");
            return false;
        }
    }
}
