namespace TaaS.Benchmarks.Scheduling;

/// <summary>Size of the cluster and of what wants to run on it.</summary>
/// <param name="Nodes">Nodes of 8 GPUs.</param>
/// <param name="Pods">Pods, in gangs of 1 to 512.</param>
/// <param name="Queues">Queues, in a tree of cohorts.</param>
internal sealed record Scale(int Nodes, int Pods, int Queues);
