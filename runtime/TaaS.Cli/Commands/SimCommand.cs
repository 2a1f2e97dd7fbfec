using System.CommandLine;
using Spectre.Console;
using TaaS.Cli.Simulation;
using TaaS.Jobs;
using TaaS.Jobs.Traces;
using TaaS.Runtime;
using TaaS.Scheduling;
using TaaS.Scheduling.Simulation;

namespace TaaS.Cli.Commands;

/// <summary><c>taas sim</c>: runs the operator's scheduler over a workload in virtual time, under several policies.</summary>
internal static class SimCommand
{
    // Of a file or a pipe, so that no row is broken.
    private const int PlainWidth = 200;

    private static readonly Dictionary<string, RunTimeSource> Sources = Enum.GetValues<RunTimeSource>().ToDictionary(static source => source.ToString().ToLowerInvariant(), StringComparer.Ordinal);

    public static Command Create()
    {
        var file = new Argument<FileInfo>("trace.yaml") { Description = "The trace: nodes, queues, flavors and jobs, recorded or made up." };
        var policies = new Option<string[]>("--policy")
        {
            Description = $"What to compare, several times or with commas: {SimulationPolicy.Expected}. Default: {string.Join(", ", SimulationPolicy.Defaults)}.",
            HelpName = "NAME",
        };
        var runTimes = new Option<string>("--run-times")
        {
            Description = $"What the scheduler knows of run times: {string.Join(", ", Sources.Keys)}.",
            HelpName = "SOURCE",
            DefaultValueFactory = _ => "declared",
        };
        var json = new Option<bool>("--json") { Description = "Print all figures as JSON." };
        var svg = new Option<FileInfo?>("--svg") { Description = "Draw use over time and waits by queue into this file.", HelpName = "FILE" };
        var command = new Command("sim", "Try a cluster, its queues and policies on a workload, in virtual time.") { file, policies, runTimes, json, svg };
        command.SetAction((parsed, cancel) =>
        {
            var path = parsed.GetRequiredValue(file).FullName;
            var chosen = Policies(parsed.GetValue(policies) ?? []);
            var source = Sources.TryGetValue(parsed.GetRequiredValue(runTimes), out var known)
                ? known
                : throw new JobException([new JobProblem("--run-times", 0, $"expected one of {string.Join(", ", Sources.Keys)}, got {parsed.GetRequiredValue(runTimes)}")]);
            var trace = Read(path);
            var results = Simulate(trace, chosen, source, cancel);
            if (parsed.GetValue(svg) is { } picture)
            {
                File.WriteAllText(picture.FullName, SimulationChart.Draw(trace.Name, results));
            }

            Print(trace, results, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Success);
        });
        return command;
    }

    private static SimulationPolicy[] Policies(string[] names)
    {
        var chosen = names.SelectMany(static name => name.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)).Distinct().ToArray();
        return
        [
            .. (chosen.Length > 0 ? chosen : SimulationPolicy.Defaults).Select(static name => SimulationPolicy.Parse(name)
                ?? throw new JobException([new JobProblem("--policy", 0, $"expected {SimulationPolicy.Expected}, got {name}")])),
        ];
    }

    private static SimulationTrace Read(string path)
    {
        if (!File.Exists(path))
        {
            throw new JobException([new JobProblem("", 0, $"trace file {path} does not exist; give the path of a YAML file such as scheduler/examples/heavy-mixed.yaml")]);
        }

        var folder = Path.GetDirectoryName(path)!;
        return SimulationTrace.Parse(File.ReadAllText(path), name =>
        {
            var file = Path.GetFullPath(name, folder);
            return File.Exists(file) ? File.ReadAllText(file) : throw new JobException([new JobProblem("spec.files", 0, $"{file} does not exist")]);
        });
    }

    private static SimulationResult[] Simulate(SimulationTrace trace, SimulationPolicy[] policies, RunTimeSource source, CancellationToken cancel)
    {
        var workload = TraceWorkload.Of(trace);
        var results = new SimulationResult[policies.Length];
        var options = new ParallelOptions { CancellationToken = cancel };
        Parallel.For(0, policies.Length, options, at =>
            results[at] = Simulator.Run(policies[at].Name, workload, new Scheduler(policies[at].Options).Decide, source, cancel));
        return results;
    }

    private static void Print(SimulationTrace trace, SimulationResult[] results, bool isJson)
    {
        if (isJson)
        {
            Console.WriteLine(SimulationJson.Write(trace.Name, results));
            return;
        }

        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PlainWidth;
        }

        AnsiConsole.Write(SimulationTable.Whole(results));
        AnsiConsole.Write(SimulationTable.Queues(results));
        foreach (var result in results)
        {
            foreach (var (job, why) in result.Refused)
            {
                Console.WriteLine($"{result.Policy}: {job} was refused: {why}");
            }

            foreach (var (job, why) in result.Stuck)
            {
                Console.WriteLine($"{result.Policy}: {job} never got room: {why}");
            }
        }
    }
}
