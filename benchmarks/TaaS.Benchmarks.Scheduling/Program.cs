using System.CommandLine;
using System.Runtime.InteropServices;

namespace TaaS.Benchmarks.Scheduling;

/// <summary><c>scheduling</c>: passes of the scheduler over a large cluster.</summary>
internal static class Program
{
    private const int Failed = 1;
    private const int Usage = 2;

    private static int Main(string[] arguments)
    {
        var nodes = WholeNumber.Option("--nodes", "Nodes of 8 GPUs.", 5000, 100_000);
        var pods = WholeNumber.Option("--pods", "Pods, in gangs of 1 to 512.", 50_000, 1_000_000);
        var queues = WholeNumber.Option("--queues", "Queues.", 1000, 100_000);
        var cold = WholeNumber.Option("--cold", "Passes in which everything waits.", 5, 1000);
        var steady = WholeNumber.Option("--steady", "Passes over a full cluster, in which a few gangs end and arrive.", 100, 10_000);
        var json = new Option<string?>("--json") { Description = "Also write all figures to this file.", HelpName = "FILE" };
        var command = new Command("scheduling", "Passes of the scheduler over a large cluster, on one thread.") { nodes, pods, queues, cold, steady, json };
        command.SetAction(parsed => Run(
            new SchedulingRun(new Scale(parsed.GetValue(nodes), parsed.GetValue(pods), parsed.GetValue(queues)), parsed.GetValue(cold), parsed.GetValue(steady), Console.Error.WriteLine),
            parsed.GetValue(json)));
        var parsed = new RootCommand("Measures the scheduler.") { command }.Parse(arguments);
        return parsed.Errors.Count > 0 ? Say($"{parsed.Errors[0].Message} (see ./taas bench scheduling --help)", Usage) : parsed.Invoke();
    }

    private static int Run(SchedulingRun run, string? json)
    {
        var machine = Machine();
        Console.WriteLine(machine);
        try
        {
            var result = run.Measure();
            SchedulingReport.Print(result);
            if (json is not null)
            {
                SchedulingReport.WriteJson(json, machine, TimeProvider.System.GetUtcNow(), result);
            }

            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidOperationException)
        {
            return Say(error.Message, Failed);
        }
    }

    private static string Machine()
    {
        var model = File.Exists("/proc/cpuinfo")
            ? File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
            : null;
        return $"{model ?? RuntimeInformation.ProcessArchitecture.ToString()}, {Environment.ProcessorCount} processors, {RuntimeInformation.FrameworkDescription}";
    }

    private static int Say(string message, int code)
    {
        Console.Error.WriteLine($"bench: {message}");
        return code;
    }
}
