using System.CommandLine;
using TaaS.Benchmarks.Distributed.Transport;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Runtime;

namespace TaaS.Benchmarks.Distributed.Commands;

/// <summary><c>transport</c>: push and pull between two processes, beside iperf3 and gRPC.</summary>
internal static class TransportCommand
{
    internal static Command Create()
    {
        var rounds = WholeNumber.Option("--rounds", "Rounds that count.", 9, 1000);
        var megabytes = WholeNumber.Option("--megabytes", "Size of the large model.", 100, 1000);
        var exchanges = WholeNumber.Option("--exchanges", "Small exchanges a round, for the latency.", 500, 100_000);
        var json = CommonOptions.File("--json", "Also write all figures to this file.");
        var command = new Command("transport", "Push and pull between two processes, beside iperf3 and a gRPC stream, measured in turn.") { rounds, megabytes, exchanges, json };
        command.SetAction(parsed => Run(new TransportRun(parsed.GetValue(megabytes) * 1_000_000L, parsed.GetValue(rounds), parsed.GetValue(exchanges), Console.Error.WriteLine), parsed.GetValue(json)));
        return command;
    }

    /// <summary>Measures, prints and saves.</summary>
    internal static int Run(TransportRun run, string? json)
    {
        Console.WriteLine(Machines.Processor);
        try
        {
            var result = run.MeasureAsync().GetAwaiter().GetResult();
            TransportReport.Print(result, Console.Out);
            return CommonOptions.Save(json, path => TransportReport.WriteJson(path, result));
        }
        catch (Exception error) when (error is BenchmarkException or TrainingException or global::Grpc.Core.RpcException)
        {
            return ExitCode.Say(error.Message, ExitCode.Failed);
        }
    }
}
