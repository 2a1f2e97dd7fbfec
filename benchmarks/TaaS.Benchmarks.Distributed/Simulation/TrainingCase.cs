using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>Who exchanges what, and how far they may run apart.</summary>
/// <param name="Layout">Slices and their servers, as the product makes them.</param>
/// <param name="Policy">Consistency and number of workers.</param>
/// <param name="ComputeSeconds">What a worker does between two exchanges, on no processor of this machine's.</param>
internal sealed record TrainingCase(ParameterLayout Layout, UpdatePolicy Policy, double ComputeSeconds);
