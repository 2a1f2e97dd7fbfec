using TaaS.Benchmarks.Distributed.Simulation;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>
/// The simulation's parameters from two measured points, both of one worker and one server in async: a small model gives what a message
/// costs and how late it is noticed, a large one what a byte and its update cost, and the line's rate.
/// </summary>
internal static class Calibration
{
    private const int Steps = 10;

    // Bounds of the search for the line's rate.
    private const double SlowestLine = 1e6;
    private const double FastestLine = 1e12;

    /// <summary>Finds them.</summary>
    /// <param name="small">One slice, so small that its bytes do not count.</param>
    /// <param name="large">The model of all other points.</param>
    /// <param name="processors">Processors of this machine.</param>
    internal static ClusterModel Of(ScalingMeasurement small, ScalingMeasurement large, int processors)
    {
        // Push and answer, each with two ends.
        const int ends = 4;
        var slices = large.Case.Training(0).Layout.Slices.Count;
        double bytes = (long)large.Case.Elements * sizeof(float);
        var exchange = Math.Max(0, small.StepSeconds - small.ComputeSeconds);

        // What a process does beside, such as compiling in the background, is processor time as well; it cannot be more than the exchange took.
        var message = Math.Min(exchange, small.WorkerProcessorSeconds + small.ServerProcessorSeconds) / ends;
        var model = new ClusterModel
        {
            Processors = processors,
            IsOneMachine = true,
            MessageSeconds = message,
            LatencySeconds = (exchange - ends * message) / 2,

            // A worker sends as many bytes as it receives and does nothing else with them; a server also updates.
            ByteSeconds = Math.Max(0, (large.WorkerProcessorSeconds - 2 * slices * message) / (2 * bytes)),
            UpdateByteSeconds = Math.Max(0, (large.ServerProcessorSeconds - large.WorkerProcessorSeconds) / bytes),
        };
        return model with { LineBytesPerSecond = LineRate(model, large) };
    }

    /// <summary>Cost of a step as simulated.</summary>
    internal static double Simulate(ClusterModel model, ScalingCase one, double computeSeconds, int steps) =>
        new TrainingSimulation(model, one.Training(computeSeconds), steps).Run();

    // The rate at which the large point comes out as measured; no limit where processors alone explain it.
    private static double LineRate(ClusterModel model, ScalingMeasurement large)
    {
        double Step(double rate) => Simulate(model with { LineBytesPerSecond = rate }, large.Case, large.ComputeSeconds, Steps);
        if (Step(double.PositiveInfinity) >= large.StepSeconds)
        {
            return double.PositiveInfinity;
        }

        double slow = SlowestLine, fast = FastestLine;
        while (fast / slow > 1.001)
        {
            var middle = Math.Sqrt(slow * fast);
            (slow, fast) = Step(middle) > large.StepSeconds ? (middle, fast) : (slow, middle);
        }

        return fast;
    }
}
