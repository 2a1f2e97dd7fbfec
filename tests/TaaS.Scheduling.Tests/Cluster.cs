using System.Globalization;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests;

/// <summary>A snapshot in few words. Memory is in Gi, everything else as the resource counts it; every node has room for 110 pods.</summary>
internal sealed class Cluster
{
    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly List<Node> _nodes = [];
    private readonly List<Queue> _queues = [];
    private readonly List<ResourceFlavor> _flavors = [];
    private readonly List<Gang> _gangs = [];

    internal DateTimeOffset Now { get; set; } = Start;

    internal ClusterSnapshot Snapshot => new() { Now = Now, Nodes = [.. _nodes], Queues = [.. _queues], Flavors = [.. _flavors], Gangs = [.. _gangs] };

    /// <summary>Nodes <c>PREFIX-0</c>, <c>PREFIX-1</c>, … with GPUs.</summary>
    internal Cluster Nodes(int count, int gpus = 8, string prefix = "node", int cpu = 64, int memory = 512, Func<Node, Node>? change = null)
    {
        for (var index = 0; index < count; index++)
        {
            var node = new Node
            {
                Name = $"{prefix}-{index.ToString(CultureInfo.InvariantCulture)}",
                Allocatable = Resources(gpus, cpu, memory).Plus(new ResourceList([KeyValuePair.Create("pods", 110L)])),
            };
            _nodes.Add(change?.Invoke(node) ?? node);
        }

        return this;
    }

    internal Cluster Flavor(string name, Func<ResourceFlavorSpec, ResourceFlavorSpec>? change = null)
    {
        _flavors.Add(new ResourceFlavor(name, change?.Invoke(new ResourceFlavorSpec()) ?? new ResourceFlavorSpec()));
        return this;
    }

    /// <summary>A queue with quota for GPUs, and plenty of everything else, of one flavor, which is made if it is missing.</summary>
    internal Cluster Queue(string name, int gpus, string cohort = "", int? borrow = null, int? lend = null, double weight = 1, string flavor = "gpu", Func<QueueSpec, QueueSpec>? change = null)
    {
        if (_flavors.All(known => known.Name != flavor))
        {
            Flavor(flavor);
        }

        var spec = new QueueSpec { Cohort = cohort, Weight = weight, Quotas = [Quota(flavor, gpus, borrow, lend)] };
        _queues.Add(new Queue(name, change?.Invoke(spec) ?? spec));
        return this;
    }

    internal static FlavorQuota Quota(string flavor, int gpus, int? borrow = null, int? lend = null) => new(flavor, new Dictionary<string, ResourceQuota>
    {
        ["cpu"] = new(Quantity("100k")),
        ["memory"] = new(Quantity("100Ti")),
        ["nvidia.com/gpu"] = new(Quantity(gpus), borrow is { } most ? Quantity(most) : null, lend is { } lent ? Quantity(lent) : null),
    });

    /// <summary>A gang of equal workers.</summary>
    internal Cluster Gang(string id, int pods = 1, int gpus = 1, string queue = "a", int priority = 0, int age = 0, Func<Gang, Gang>? change = null, Func<PodSet, PodSet>? set = null)
    {
        var gang = Waiting(id, pods, gpus, queue, priority, age, set);
        _gangs.Add(change?.Invoke(gang) ?? gang);
        return this;
    }

    /// <summary>The same, running on nodes for some minutes: its pods in order over the nodes' names.</summary>
    internal Cluster Running(string id, string[] nodes, int gpus = 1, string queue = "a", int priority = 0, int minutes = 10, int? runsMinutes = null, string flavor = "gpu", Func<Gang, Gang>? change = null, Func<PodSet, PodSet>? set = null)
    {
        var gang = Waiting(id, nodes.Length, gpus, queue, priority, minutes, set) with
        {
            Placement = new Placement([.. nodes.Select((node, index) => new PodPlacement("worker", index, node, flavor))]),
            PlacedAt = Now - TimeSpan.FromMinutes(minutes),
            ExpectedRunTime = runsMinutes is { } runs ? TimeSpan.FromMinutes(runs) : null,
        };
        _gangs.Add(change?.Invoke(gang) ?? gang);
        return this;
    }

    internal SchedulingPass Decide(SchedulerOptions? options = null) => new Scheduler(options ?? new SchedulerOptions()).Decide(Snapshot);

    internal static ResourceList Resources(int gpus, int cpu, int memory) => new(new Dictionary<string, long>
    {
        ["nvidia.com/gpu"] = gpus,
        ["cpu"] = cpu * 1000L,
        ["memory"] = memory * (1L << 30),
    });

    internal static Quantity Quantity(long value) => Quantity(value.ToString(CultureInfo.InvariantCulture));

    internal static Quantity Quantity(string text) => TaaS.Jobs.Quantity.TryParse(text, out var quantity) ? quantity : throw new FormatException(text);

    private Gang Waiting(string id, int pods, int gpus, string queue, int priority, int age, Func<PodSet, PodSet>? change)
    {
        var set = new PodSet { Role = "worker", Count = pods, MinCount = pods, Requests = Resources(gpus, 1, 1) };
        return new Gang
        {
            Id = id,
            Name = $"team/{id}",
            Queue = queue,
            Submitter = new Submitter("team", "alice", []),
            Priority = priority,
            SubmittedAt = Now - TimeSpan.FromMinutes(age),
            PodSets = [change?.Invoke(set) ?? set],
        };
    }
}
