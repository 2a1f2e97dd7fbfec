using TaaS.Jobs;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Simulation;

namespace TaaS.Scheduling.Tests.Simulation;

/// <summary>Small workloads: nodes of eight GPUs, queues that may use all of them, jobs of pods with one GPU each unless told otherwise.</summary>
internal static class Workloads
{
    public const string Gpu = "nvidia.com/gpu";

    public static Workload Of(int nodes, params SimulatedJob[] jobs) => new()
    {
        Nodes = [.. Enumerable.Range(0, nodes).Select(index => new Node { Name = $"node-{index}", Allocatable = List((Gpu, 8), ("cpu", 64_000), ("pods", 110)) })],
        Queues = [.. jobs.Select(job => job.Gang.Queue).Distinct().Select(name => new Queue(name, new QueueSpec { Cohort = "house", Quotas = [Quota(nodes * 8)] }))],
        Flavors = [new ResourceFlavor("gpu", new ResourceFlavorSpec())],
        Jobs = jobs,
    };

    public static SimulatedJob Job(string name, double atMinutes, double minutes, int pods, int gpus = 1, string queue = "a", int priority = 0, int? min = null, double? declared = null) => new(
        new Gang
        {
            Id = name,
            Name = name,
            Queue = queue,
            Priority = priority,
            SubmittedAt = Workload.Start + TimeSpan.FromMinutes(atMinutes),
            PodSets = [new PodSet { Role = "worker", Count = pods, MinCount = min ?? pods, Requests = List((Gpu, gpus)) }],
        },
        TimeSpan.FromMinutes(minutes),
        TimeSpan.FromMinutes(declared ?? minutes));

    public static SimulationResult Run(this Workload workload, string policy = "fifo", RunTimeSource runTimes = RunTimeSource.Declared) =>
        Simulator.Run(policy, workload, new Scheduler(SimulationPolicy.Parse(policy)!.Options).Decide, runTimes);

    private static ResourceList List(params (string Name, long Amount)[] amounts) =>
        new(amounts.Select(entry => KeyValuePair.Create(entry.Name, entry.Amount)));

    private static FlavorQuota Quota(int gpus) => new("gpu", new Dictionary<string, ResourceQuota> { [Gpu] = new(Amount(gpus)) });

    private static Quantity Amount(int number) => Quantity.TryParse($"{number}", out var quantity) ? quantity : throw new ArgumentOutOfRangeException(nameof(number));
}
