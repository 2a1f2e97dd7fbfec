using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Simulation;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>A step's simulated cost for that many workers.</summary>
/// <param name="Servers">Number of servers.</param>
/// <param name="Workers">Number of workers.</param>
/// <param name="StepSeconds">Cost of a step.</param>
internal sealed record ClusterPoint(int Servers, int Workers, double StepSeconds);

/// <summary>What cannot be measured here: a machine for each role, up to hundreds of workers, with the costs of messages, bytes and updates as calibrated here.</summary>
internal static class ClusterCurves
{
    private const int Steps = 5;

    // A common machine and model: 10 Gbit/s, a switch, 100 MB of parameters as of ResNet-50, a fifth of a second for a batch.
    private const double LineBytesPerSecond = 10e9 / 8;
    private const double LatencySeconds = 50e-6;
    private const int Processors = 16;
    private const int Elements = 25_000_000;
    private const double ComputeSeconds = 0.2;

    /// <summary>Says what is assumed.</summary>
    internal const string Assumptions = "sync, 100 MB of parameters, 200 ms to compute, a machine of 16 processors and 10 Gbit/s each way for every role";

    /// <summary>Simulates.</summary>
    /// <param name="calibrated">Costs of messages, bytes and updates.</param>
    /// <param name="mostWorkers">Workers double from 1 to this many.</param>
    internal static IReadOnlyList<ClusterPoint> Of(ClusterModel calibrated, int mostWorkers)
    {
        var model = calibrated with
        {
            Processors = Processors,
            IsOneMachine = false,
            LineBytesPerSecond = LineBytesPerSecond,
            LatencySeconds = LatencySeconds,
            PieceBytes = ParameterLayout.MaxSliceElements * sizeof(float),
        };
        var points = new List<ClusterPoint>();
        for (var servers = 1; servers <= 64; servers *= 4)
        {
            var layout = ModelContent.LayoutOf(Elements, servers);
            for (var workers = 1; workers <= mostWorkers; workers *= 2)
            {
                var training = new TrainingCase(layout, new UpdatePolicy(0, workers), ComputeSeconds);
                points.Add(new ClusterPoint(servers, workers, new TrainingSimulation(model, training, Steps).Run()));
            }
        }

        return points;
    }
}
