using System.CommandLine;
using TaaS.Benchmarks.Distributed.Scaling;
using TaaS.Benchmarks.Operations.Timing;

namespace TaaS.Benchmarks.Distributed.Commands;

/// <summary><c>scaling</c>: what a step costs against workers and servers, measured and simulated.</summary>
internal static class ScalingCommand
{
    private const int MostSimulatedWorkers = 256;

    internal static Command Create()
    {
        var processes = WholeNumber.Option("--processes", "Most servers and workers together.", 8, 64);
        var kilobytes = WholeNumber.Option("--kilobytes", "Size of the model.", 8000, 1_000_000);
        var compute = WholeNumber.Option("--compute-ms", "What a worker does between two exchanges.", 20, 10_000);
        var staleness = WholeNumber.Option("--staleness", "Bound of ssp.", 4, 1000);
        var steps = WholeNumber.Option("--steps", "Steps of each worker that count.", 40, 10_000);
        var json = CommonOptions.File("--json", "Also write all figures to this file.");
        var svg = CommonOptions.File("--svg", "Also draw measured points and simulated lines into this file.");
        var command = new Command("scaling", "What a step costs against workers and servers: real processes, and a simulation checked against them.") { processes, kilobytes, compute, staleness, steps, json, svg };
        command.SetAction(parsed => Run(
            new ScalingRun(parsed.GetValue(kilobytes) * 250, parsed.GetValue(compute), parsed.GetValue(staleness), parsed.GetValue(processes), parsed.GetValue(steps), Console.Error.WriteLine),
            parsed.GetValue(json),
            parsed.GetValue(svg)));
        return command;
    }

    /// <summary>Measures, prints and saves.</summary>
    internal static int Run(ScalingRun run, string? json, string? svg)
    {
        Console.WriteLine(Machines.Processor);
        try
        {
            var result = run.Run();
            ScalingReport.Print(result, Console.Out);
            var cluster = ClusterCurves.Of(result.Model, MostSimulatedWorkers);
            var saved = CommonOptions.Save(json, path => ScalingReport.WriteJson(path, result, cluster));
            return Math.Max(saved, CommonOptions.Save(svg, path => File.WriteAllText(path, ScalingChart.Draw(result, cluster))));
        }
        catch (BenchmarkException error)
        {
            return ExitCode.Say(error.Message, ExitCode.Failed);
        }
    }
}
