using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Simulation;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Scaling;

/// <summary>A point to measure and to simulate.</summary>
/// <param name="Policy">Consistency and number of workers.</param>
/// <param name="Servers">Number of servers.</param>
/// <param name="Elements">Size of the model in f32 elements.</param>
/// <param name="ComputeMs">What a worker does between two exchanges.</param>
internal sealed record ScalingCase(UpdatePolicy Policy, int Servers, int Elements, int ComputeMs)
{
    /// <summary>Name of the mode.</summary>
    public string Mode => Policy.Mode;

    /// <summary>Number of workers.</summary>
    public int Workers => Policy.Workers;

    /// <summary>The same for the simulation.</summary>
    /// <param name="computeSeconds">What waiting for so long really takes.</param>
    internal TrainingCase Training(double computeSeconds) => new(ModelContent.LayoutOf(Elements, Servers), Policy, computeSeconds);
}

/// <summary>A case as measured.</summary>
/// <param name="Case">What.</param>
/// <param name="StepSeconds">Cost of a step.</param>
/// <param name="ComputeSeconds">What computing took of it.</param>
/// <param name="WorkerProcessorSeconds">Processor time of a step, of one worker.</param>
/// <param name="ServerProcessorSeconds">Processor time of a worker's step, of all servers.</param>
internal sealed record ScalingMeasurement(ScalingCase Case, double StepSeconds, double ComputeSeconds, double WorkerProcessorSeconds, double ServerProcessorSeconds);
