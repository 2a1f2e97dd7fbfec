using System.Security.Cryptography;
using System.Text.Json;
using TaaS.Benchmarks.Distributed.Processes;
using TaaS.Benchmarks.Distributed.Simulation;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>Measures a case with a process for each server and each worker, and checks that no update was lost or doubled.</summary>
/// <param name="warmUps">Steps that do not count.</param>
/// <param name="steps">Steps that do.</param>
internal sealed class ScalingRig(int warmUps, int steps)
{
    /// <summary>Measures.</summary>
    /// <exception cref="BenchmarkException">A process failed, or the final values are wrong.</exception>
    internal ScalingMeasurement Measure(ScalingCase one)
    {
        var secret = RandomNumberGenerator.GetHexString(32);
        var peers = new List<PeerProcess>();
        try
        {
            PeerProcess[] servers = [.. Enumerable.Range(0, one.Servers).Select(server => Add(ParameterServerPeer.Start("127.0.0.1:0", server, one.Policy, secret)))];
            string[] addresses = [.. servers.Select(server => server.Hear())];
            PeerProcess[] workers = [.. Enumerable.Range(0, one.Workers).Select(worker => Add(WorkerPeer.Start(worker, one, warmUps, steps, addresses, secret)))];
            HearReady(workers);
            var before = servers.Sum(server => server.Ask<PeerUsage>(PeerConversation.Usage).ProcessorSeconds);
            Tell(workers, WorkerPeer.Go);
            WorkerReport[] reports = [.. workers.Select(worker => JsonSerializer.Deserialize<WorkerReport>(worker.Hear())!)];
            var used = servers.Sum(server => server.Ask<PeerUsage>(PeerConversation.Usage).ProcessorSeconds) - before;

            // The chief waits for the others, then looks at the final values.
            Tell(workers, WorkerPeer.Finish);
            HearReady(workers);
            return new ScalingMeasurement(
                one,
                StepCost.Of([.. reports.Select(report => report.Times)]),
                reports.Average(report => report.ComputeSeconds),
                reports.Average(report => report.ProcessorSeconds),
                used / steps / one.Workers);
        }
        finally
        {
            foreach (var peer in peers)
            {
                peer.Dispose();
            }
        }

        PeerProcess Add(PeerProcess peer)
        {
            peers.Add(peer);
            return peer;
        }
    }

    private static void Tell(PeerProcess[] workers, string line)
    {
        foreach (var worker in workers)
        {
            worker.Tell(line);
        }
    }

    private static void HearReady(PeerProcess[] workers)
    {
        foreach (var worker in workers)
        {
            if (worker.Hear() is var line && line != WorkerPeer.Ready)
            {
                throw new BenchmarkException($"a worker said '{line}'");
            }
        }
    }
}
