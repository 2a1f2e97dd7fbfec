using System.CommandLine;
using TaaS.Benchmarks.Distributed.Grpc;
using TaaS.Benchmarks.Distributed.Processes;
using TaaS.Benchmarks.Distributed.Scaling;
using TaaS.Runtime;

namespace TaaS.Benchmarks.Distributed.Commands;

/// <summary><c>peer</c>: the other side of a measurement. The other commands start it.</summary>
internal static class PeerCommand
{
    internal static Command Create()
    {
        var rest = new Argument<string[]>("arguments");
        var command = new Command("peer", "The other side of a measurement; the other commands start it.") { rest };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            var arguments = parsed.GetValue(rest) ?? [];
            try
            {
                Run(arguments);
                return ExitCode.Success;
            }
            catch (Exception error) when (error is TrainingException or BenchmarkException)
            {
                return ExitCode.Say(error.Message, ExitCode.Failed);
            }
        });
        return command;
    }

    private static void Run(string[] arguments)
    {
        switch (arguments.FirstOrDefault())
        {
            case ParameterServerPeer.Kind:
                ParameterServerPeer.Run(arguments[1..]);
                break;
            case GrpcPeer.Kind:
                GrpcPeer.Run(arguments[1..]);
                break;
            case WorkerPeer.Kind:
                WorkerPeer.Run(arguments[1..]);
                break;
            default:
                throw new BenchmarkException("no such peer");
        }
    }
}
