using TaaS.Benchmarks.Distributed.Simulation;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>A measured point beside its simulation.</summary>
/// <param name="Measured">As measured.</param>
/// <param name="SimulatedSeconds">Cost of a step as simulated.</param>
/// <param name="IsCalibration">True for a point that the simulation's parameters come from.</param>
internal sealed record ScalingPoint(ScalingMeasurement Measured, double SimulatedSeconds, bool IsCalibration)
{
    /// <summary>How far the simulation is off, as a share of the measured cost.</summary>
    public double Error => SimulatedSeconds / Measured.StepSeconds - 1;
}

/// <summary>All of a run.</summary>
/// <param name="Model">The simulation's parameters.</param>
/// <param name="ComputeSeconds">What waiting for the compute time really takes, by the calibration.</param>
/// <param name="Points">Measured points, those of the calibration first.</param>
internal sealed record ScalingResult(ClusterModel Model, double ComputeSeconds, IReadOnlyList<ScalingPoint> Points)
{
    /// <summary>Points that the parameters do not come from.</summary>
    internal IEnumerable<ScalingPoint> Checks => Points.Where(point => !point.IsCalibration);
}

/// <summary>Measures points with real processes, calibrates the simulation by two of them, and checks it against all others.</summary>
/// <param name="elements">Size of the model.</param>
/// <param name="computeMs">What a worker does between two exchanges.</param>
/// <param name="staleness">Bound of ssp.</param>
/// <param name="mostProcesses">Servers and workers together.</param>
/// <param name="steps">Steps that count.</param>
/// <param name="progress">Takes a line for each point.</param>
internal sealed class ScalingRun(int elements, int computeMs, int staleness, int mostProcesses, int steps, Action<string> progress)
{
    private const int SmallElements = 1024;
    private const int SimulatedSteps = 20;

    private readonly ScalingRig _rig = new(Math.Max(5, steps / 2), steps);

    /// <summary>Measures and simulates.</summary>
    /// <exception cref="BenchmarkException">A process failed, or the final values are wrong.</exception>
    internal ScalingResult Run()
    {
        var async = new UpdatePolicy(-1, 1);
        progress("calibrating: a small model");
        var small = _rig.Measure(new ScalingCase(async, 1, SmallElements, computeMs));
        progress("calibrating: the model of all other points");
        var large = _rig.Measure(new ScalingCase(async, 1, elements, computeMs));
        var model = Calibration.Of(small, large, Environment.ProcessorCount);
        var points = new List<ScalingPoint> { Beside(small, isCalibration: true), Beside(large, isCalibration: true) };
        ScalingCase[] cases = [.. Cases().Where(one => one != large.Case)];
        foreach (var one in cases)
        {
            progress($"[{points.Count - 1}/{cases.Length}] {one.Mode}, {one.Servers} servers, {one.Workers} workers");
            points.Add(Beside(_rig.Measure(one), isCalibration: false));
        }

        return new ScalingResult(model, large.ComputeSeconds, points);

        ScalingPoint Beside(ScalingMeasurement measured, bool isCalibration) =>
            new(measured, Calibration.Simulate(model, measured.Case, isCalibration ? measured.ComputeSeconds : large.ComputeSeconds, SimulatedSteps), isCalibration);
    }

    /// <summary>Every mode, on one, two and four servers, with workers up to the most processes; not every number of them, to save time.</summary>
    internal IEnumerable<ScalingCase> Cases() =>
        from mode in new[] { 0, -1, staleness }
        from power in Enumerable.Range(0, 3)
        let servers = 1 << power
        from workers in Enumerable.Range(1, Math.Max(0, mostProcesses - servers))
        where workers % 2 == (servers == 1 ? 1 : 0) || workers == 2
        select new ScalingCase(new UpdatePolicy(mode, workers), servers, elements, computeMs);
}
