using System.Globalization;
using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Transport;
using TaaS.Kernels.Cpu;
using TaaS.Runtime;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Processes;

/// <summary>The product's parameter server as a peer. It computes on one thread, as a server of a local job on two processors does.</summary>
internal static class ParameterServerPeer
{
    internal const string Kind = "server";

    /// <summary>Starts one; the first line that it says is its address.</summary>
    internal static PeerProcess Start(string address, int server, UpdatePolicy policy, string secret) =>
        PeerProcess.Start([Kind, address, Number(server), Number(policy.Staleness), Number(policy.Workers)], secret);

    /// <summary>Is one, until the parent goes.</summary>
    internal static void Run(IReadOnlyList<string> arguments)
    {
        CpuDevice.Threads = 1;
        var policy = new UpdatePolicy(Whole(arguments[2]), Whole(arguments[3]));
        var shard = new ParameterShard(CpuDevice.Instance, ModelContent.Optimizer, policy, Whole(arguments[1]));
        var secret = Environment.GetEnvironmentVariable(PeerProcess.SecretVariable)!;
        using var server = new SocketParameterServer(arguments[0], shard, OwnExchange.Options(secret));
        using var end = new CancellationTokenSource();
        var serving = Task.Factory.StartNew(() => Serve(server, end.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        PeerConversation.Hold(server.Address);
        end.Cancel();
        serving.Wait();
    }

    private static void Serve(SocketParameterServer server, CancellationToken end)
    {
        try
        {
            server.Run(end);
        }
        catch (OperationCanceledException)
        {
            // The parent has gone.
        }
        catch (TrainingException error)
        {
            Console.Error.WriteLine($"server: {error.Message}");
        }
    }

    private static int Whole(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}
