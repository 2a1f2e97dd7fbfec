using System.Globalization;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Tests.Properties;

/// <summary>
/// Random clusters, small enough that everything in them meets everything else: racks, taints, two kinds of device, foreign pods, nodes out of order, trees of
/// queues with limits, gangs of one to three roles with rules of every kind.
/// </summary>
internal sealed class RandomCluster(int seed)
{
    internal static readonly DateTimeOffset Start = Cluster.Start;

    private static readonly string[] Cohorts = ["", "x", "x/y", "x/y", "x/z", "w"];
    private static readonly string[] Operators = ["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"];

    private readonly Random _random = new(seed);

    /// <summary>Every third cluster is plain, with all queues in one tree of cohorts: there they meet each other over quota, not over rules.</summary>
    private readonly bool _isFamily = seed % 3 == 0;

    private int _gangs;

    /// <summary>A cluster in which nothing runs.</summary>
    internal ClusterSnapshot Empty(int nodes, int queues) => new()
    {
        Now = Start,
        Nodes = [.. Enumerable.Range(0, nodes).Select(Node)],
        Flavors =
        [
            new ResourceFlavor("any", new ResourceFlavorSpec()),
            new ResourceFlavor("east", new ResourceFlavorSpec { NodeLabels = new Dictionary<string, string> { ["side"] = "east" } }),
            new ResourceFlavor("infra", new ResourceFlavorSpec { NodeTaints = [Infra] }),
        ],
        Queues = [.. Enumerable.Range(0, queues).Select(Queue)],
    };

    /// <summary>The same cluster in mid-life: gangs that an earlier pass placed, some of them being stopped, quotas edited since, nodes lost since.</summary>
    internal ClusterSnapshot Running(int nodes, int queues, int gangs)
    {
        var snapshot = Empty(nodes, queues) with { Gangs = Gangs(gangs, queues) };
        var placed = new Scheduler(new SchedulerOptions { Preemption = false }).Decide(snapshot).Admitted.ToDictionary(admission => admission.GangId, admission => admission.Placement);
        var running = snapshot.Gangs.Where(gang => placed.ContainsKey(gang.Id)).Select(gang => gang with
        {
            Placement = placed[gang.Id],
            PlacedAt = Start - TimeSpan.FromMinutes(_random.Next(1, 100)),
            IsTerminating = Chance(10),
        });
        return snapshot with
        {
            Gangs = [.. running],
            Queues = Chance(30) ? [.. Enumerable.Range(0, queues).Select(Queue)] : snapshot.Queues,
            Nodes = Chance(20) ? [.. snapshot.Nodes.Skip(1).Select(node => Chance(10) ? node with { IsReady = false } : node)] : snapshot.Nodes,
        };
    }

    /// <summary>Gangs that wait.</summary>
    internal Gang[] Gangs(int count, int queues) => [.. Enumerable.Range(0, count).Select(_ => Gang(queues))];

    private static Taint Infra { get; } = new("dedicated", "infra", Taint.NoSchedule);

    /// <summary>Something that only happens outside of families.</summary>
    private bool Rarely(int percent) => Chance(percent) && !_isFamily;

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T One<T>(params T[] choices) => choices[_random.Next(choices.Length)];

    private Node Node(int index)
    {
        var labels = new Dictionary<string, string>
        {
            ["kubernetes.io/hostname"] = $"n{index}",
            ["side"] = One("east", "west"),
            ["topology.kubernetes.io/rack"] = $"r{_random.Next(3)}",
            ["size"] = One("1", "5", "10", "big"),
        };
        if (Chance(70))
        {
            labels["nvidia.com/gpu.product"] = One("NVIDIA-H200", "NVIDIA-H200-MIG");
        }

        var taints = new List<Taint>();
        if (Rarely(20))
        {
            taints.Add(Infra);
        }

        if (Chance(15))
        {
            taints.Add(new Taint("old", "", Taint.PreferNoSchedule));
        }

        if (Chance(5))
        {
            taints.Add(new Taint("node.kubernetes.io/disk-pressure", "", Taint.NoSchedule));
        }

        return new Node
        {
            Name = $"n{index}",
            Labels = labels,
            Taints = taints,
            Allocatable = List(("cpu", _random.Next(6, 25) * 1000L), ("memory", _random.Next(16, 97)), ("pods", _random.Next(3, 14)), ("nvidia.com/gpu", One(0, 4, 8, 8)), ("nvidia.com/mig-1g.5gb", One(0, 0, 7)), ("example.com/unasked", 3)),
            UsedByOthers = Chance(40) ? List(("cpu", _random.Next(0, 9) * 500L), ("memory", _random.Next(0, 20)), ("pods", _random.Next(0, 4)), ("nvidia.com/gpu", One(0, 0, 1, 4))) : ResourceList.Empty,
            IsReady = !Chance(7),
            IsUnschedulable = Chance(7),
        };
    }

    private Queue Queue(int index) => new($"q{index}", new QueueSpec
    {
        Cohort = _isFamily ? One("x", "x/y", "x/z") : One(Cohorts),
        Weight = One(0.5, 1, 2),
        Quotas = _isFamily ? [Quota("any")] : [.. new[] { "any", "east", "infra", "ghost" }.Where(flavor => Chance(flavor == "any" ? 95 : flavor == "ghost" ? 3 : 50)).OrderBy(_ => _random.Next()).Select(Quota)],
        AllowedUsers = Chance(5) ? [One("alice", "group:vision", "namespace:team")] : [],
        WithinQueue = _isFamily ? One(PreemptionPolicy.Never, PreemptionPolicy.LowerPriority) : One(PreemptionPolicy.Never, PreemptionPolicy.LowerPriority, PreemptionPolicy.Any),
        ReclaimWithinCohort = One(PreemptionPolicy.Never, PreemptionPolicy.LowerPriority, PreemptionPolicy.Any, PreemptionPolicy.Any),
        Hold = Chance(4),
    });

    private FlavorQuota Quota(string flavor)
    {
        var resources = new Dictionary<string, ResourceQuota>();
        foreach (var (name, most) in new[] { ("cpu", 60), ("memory", 160), ("nvidia.com/gpu", 24), ("nvidia.com/mig-1g.5gb", 10), ("pods", 30) })
        {
            if (_isFamily ? name != "pods" : Chance(name is "pods" ? 20 : 97))
            {
                resources[name] = new ResourceQuota(Some(most), Rarely(30) ? Some(most / 2) : null, Chance(20) ? Some(most / 2) : null);
            }
        }

        return new FlavorQuota(flavor, resources);
    }

    private Quantity Some(int most) => Cluster.Quantity(_random.Next(0, most + 1));

    private Gang Gang(int queues)
    {
        var number = _gangs++;
        return new Gang
        {
            Id = $"g{number}",
            Name = $"team/g{number}",
            Queue = Chance(1) ? "nowhere" : $"q{_random.Next(queues)}",
            Submitter = new Submitter(One("team", "other"), One("alice", "bob", null), Chance(50) ? ["vision"] : []),
            Priority = One(0, 0, 0, 1, 5),
            SubmittedAt = Start - TimeSpan.FromMinutes(_random.Next(0, 10)),
            PodSets = [.. new[] { "worker", "ps", "evaluator" }.Take(_isFamily ? 1 : One(1, 1, 2, 3)).Select(PodSet)],
            ExpectedRunTime = Chance(60) ? TimeSpan.FromMinutes(_random.Next(1, 200)) : null,
            TopologyKey = Rarely(15) ? One("topology.kubernetes.io/rack", "side", "missing") : null,
            IsTopologyRequired = Chance(50),
            ExcludedNodes = Chance(15) ? new HashSet<string> { $"n{_random.Next(8)}" } : [],
            NotBefore = Chance(5) ? Start + TimeSpan.FromMinutes(1) : null,
            IsPreemptible = !Chance(15),
        };
    }

    private PodSet PodSet(string role)
    {
        var count = role == "worker" ? One(1, 1, 2, 2, 3, 4, 6) : _random.Next(0, 3);
        return new PodSet
        {
            Role = role,
            Count = count,
            MinCount = Chance(25) ? _random.Next(0, count + 1) : count,
            Requests = role == "worker"
                ? List(("cpu", One(500L, 1000, 3000)), ("memory", One(1, 4, 9)), ("nvidia.com/gpu", One(0, 1, 1, 2, 4, 8)), ("nvidia.com/mig-1g.5gb", Chance(4) ? 2 : 0))
                : List(("cpu", One(250L, 2000)), ("memory", One(1, 5))),
            NodeSelector = Rarely(15) ? new Dictionary<string, string> { ["nvidia.com/gpu.product"] = "NVIDIA-H200" } : [],
            Affinity = Rarely(15) ? Affinity() : NodeAffinity.None,
            Tolerations = Chance(25) ? [One(new Toleration("dedicated", "Exists"), new Toleration("", "Exists"), new Toleration("dedicated", "Equal", "infra", "NoSchedule"), new Toleration("dedicated", "Equal", "else"))] : [],
            Flavor = Rarely(6) ? One("any", "any", "east", "infra", "ghost") : null,
            IsSpread = role == "ps",
        };
    }

    private NodeAffinity Affinity() => new(
        [.. Enumerable.Range(0, _random.Next(0, 3)).Select(_ => Term())],
        [.. Enumerable.Range(0, _random.Next(0, 2)).Select(_ => new PreferredTerm(_random.Next(1, 101), Term()))]);

    private NodeSelectorTerm Term() => new(
        [.. Enumerable.Range(0, _random.Next(0, 3)).Select(_ => Requirement())],
        Chance(10) ? [new NodeRequirement("metadata.name", One("In", "NotIn"), [$"n{_random.Next(6)}", "n1"])] : []);

    private NodeRequirement Requirement() => One(Operators) switch
    {
        "Exists" => new NodeRequirement(One("nvidia.com/gpu.product", "size"), "Exists", []),
        "DoesNotExist" => new NodeRequirement(One("nvidia.com/gpu.product", "missing"), "DoesNotExist", []),
        "Gt" => new NodeRequirement("size", "Gt", [One("0", "4", "x")]),
        "Lt" => new NodeRequirement("size", "Lt", [One("6", "11")]),
        var op => new NodeRequirement(One("side", "size", "nvidia.com/gpu.product"), op, [One("east", "1", "NVIDIA-H200"), "west"]),
    };

    private static ResourceList List(params (string Name, long Amount)[] amounts) =>
        new(amounts.Select(entry => KeyValuePair.Create(entry.Name, entry.Amount)));

    /// <summary>The same snapshot with every list in another order.</summary>
    internal static ClusterSnapshot Shuffle(ClusterSnapshot snapshot, int seed)
    {
        var random = new Random(seed);
        return snapshot with
        {
            Nodes = Mix(snapshot.Nodes),
            Queues = Mix(snapshot.Queues),
            Flavors = Mix(snapshot.Flavors),
            Gangs = Mix(snapshot.Gangs),
        };

        T[] Mix<T>(IEnumerable<T> list)
        {
            var array = list.ToArray();
            random.Shuffle(array);
            return array;
        }
    }

    /// <summary>A pass in words, to compare two.</summary>
    internal static string Say(SchedulingPass pass)
    {
        var text = new System.Text.StringBuilder();
        foreach (var admission in pass.Admitted)
        {
            text.Append(CultureInfo.InvariantCulture, $"{admission.GangId} {admission.IsBackfill} {admission.IsBorrowing}: ").AppendJoin(' ', admission.Placement.Pods).Append('\n');
        }

        text.AppendJoin('\n', pass.Preempted).Append('\n');
        foreach (var verdict in pass.Waiting)
        {
            text.Append(verdict with { NodesByCause = new Dictionary<string, int>() }).AppendJoin(',', verdict.NodesByCause.OrderBy(cause => cause.Key, StringComparer.Ordinal)).Append('\n');
        }

        return text.ToString();
    }
}
