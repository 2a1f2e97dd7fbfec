using System.Globalization;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Benchmarks.Scheduling;

/// <summary>A cluster and gangs as a large house might have them, the same for every run of a seed.</summary>
internal sealed class Workload(Scale scale, int seed = 1)
{
    /// <summary>GPUs of a node.</summary>
    internal const int GpusOfANode = 8;

    internal static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private const long Gi = 1L << 30;

    /// <summary>Pods of a gang with how often; most gangs are small, most pods are in large ones.</summary>
    private static readonly (int Pods, int Weight)[] Sizes = [(1, 400), (2, 160), (4, 160), (8, 120), (16, 80), (32, 48), (64, 24), (128, 10), (256, 4), (512, 2)];

    private readonly Random _random = new(seed);
    private int _gangs;

    /// <summary>Nodes of two products, nine to an NVLink domain, 36 to a rack, with daemons on each.</summary>
    internal Node[] Nodes() => [.. Enumerable.Range(0, scale.Nodes).Select(index => new Node
    {
        Name = Name("node", index),
        Labels = new Dictionary<string, string>
        {
            ["kubernetes.io/hostname"] = Name("node", index),
            ["kubernetes.io/arch"] = "amd64",
            ["nvidia.com/gpu.product"] = Product(index),
            ["nvidia.com/gpu.count"] = "8",
            ["nvidia.com/gpu.clique"] = Name("clique", index / 9),
            ["topology.kubernetes.io/rack"] = Name("rack", index / 36),
            ["topology.kubernetes.io/zone"] = Name("zone", index * 5 / scale.Nodes),
        },
        Taints = index % 50 == 0 ? [new Taint("dedicated", "infra", Taint.NoSchedule)] : [],
        Allocatable = List(("cpu", 192_000), ("memory", 2048 * Gi), ("nvidia.com/gpu", GpusOfANode), ("pods", 110)),
        UsedByOthers = List(("cpu", 2_000), ("memory", 8 * Gi), ("pods", 6)),
        IsReady = index % 500 != 7,
    })];

    /// <summary>One flavor a product.</summary>
    internal static ResourceFlavor[] Flavors() =>
        [Flavor("h200", "NVIDIA-H200"), Flavor("h100", "NVIDIA-H100-80GB-HBM3")];

    /// <summary>Ten organisations of five departments; the quotas add up to the cluster.</summary>
    internal Queue[] Queues() => [.. Enumerable.Range(0, scale.Queues).Select(index => new Queue(Name("queue", index), new QueueSpec
    {
        Cohort = $"org-{index % 10}/department-{index / 10 % 5}",
        Weight = 1 + index % 3,
        Quotas = [Quota("h200", index), Quota("h100", index)],
    }))];

    /// <summary>Gangs until their pods are as many as asked for, all waiting.</summary>
    internal List<Gang> Gangs(int pods)
    {
        var gangs = new List<Gang>();
        while (pods > 0)
        {
            var gang = Gang(Math.Min(pods, Size()), Start);
            gangs.Add(gang);
            pods -= gang.PodSets.Sum(static set => set.Count);
        }

        return gangs;
    }

    /// <summary>A gang with a number of pods; every third with more than four has servers beside its workers.</summary>
    internal Gang Gang(int pods, DateTimeOffset now)
    {
        var number = _gangs++;
        var servers = pods >= 4 && _random.Next(3) == 0 ? Math.Max(1, pods / 8) : 0;
        var gpus = pods >= 16 && _random.Next(8) == 0 ? 8 : _random.Next(4) == 0 ? 2 : 1;
        var sets = new List<PodSet> { Set("worker", pods - servers, gpus, 8 * gpus) };
        if (servers > 0)
        {
            sets.Add(Set("ps", servers, 0, 4) with { IsSpread = true });
        }

        return new Gang
        {
            Id = Name("gang", number),
            Name = "team/" + Name("job", number),
            Queue = Name("queue", _random.Next(scale.Queues)),
            Submitter = new Submitter("team", "user", []),
            Priority = _random.Next(10) == 0 ? 10 : 0,
            SubmittedAt = now - TimeSpan.FromSeconds(_random.Next(0, 36_000)),
            PodSets = sets,
            ExpectedRunTime = _random.Next(4) == 0 ? null : TimeSpan.FromMinutes(_random.Next(10, 2000)),
        };
    }

    /// <summary>A random size, as the house has them.</summary>
    internal int Size()
    {
        var draw = _random.Next(Sizes.Sum(static size => size.Weight));
        foreach (var (pods, weight) in Sizes)
        {
            if ((draw -= weight) < 0)
            {
                return pods;
            }
        }

        return 1;
    }

    /// <summary>A number below a bound.</summary>
    internal int Draw(int bound) => _random.Next(bound);

    private static PodSet Set(string role, int count, int gpus, int cores) => new()
    {
        Role = role,
        Count = count,
        MinCount = count,
        Requests = List(("cpu", cores * 1000L), ("memory", cores * 8 * Gi), ("nvidia.com/gpu", gpus)),
    };

    private static ResourceFlavor Flavor(string name, string product) =>
        new(name, new ResourceFlavorSpec { NodeLabels = new Dictionary<string, string> { ["nvidia.com/gpu.product"] = product } });

    private FlavorQuota Quota(string flavor, int index)
    {
        // Half of the cluster each, spread over the queues, the remainder over the first of them.
        var nodes = scale.Nodes / 2;
        var gpus = nodes * GpusOfANode / scale.Queues + (index < nodes * GpusOfANode % scale.Queues ? 1 : 0);
        return new FlavorQuota(flavor, new Dictionary<string, ResourceQuota>
        {
            ["cpu"] = new(Whole(gpus * 24L)),
            ["memory"] = new(Whole(gpus * 256L, "Gi")),
            ["nvidia.com/gpu"] = new(Whole(gpus)),
        });
    }

    private static Quantity Whole(long value, string unit = "") => Quantity.TryParse(value.ToString(CultureInfo.InvariantCulture) + unit, out var quantity) ? quantity : throw new FormatException();

    private string Product(int index) => index < scale.Nodes / 2 ? "NVIDIA-H200" : "NVIDIA-H100-80GB-HBM3";

    private static string Name(string kind, int number) => string.Create(CultureInfo.InvariantCulture, $"{kind}-{number:D5}");

    private static ResourceList List(params (string Name, long Amount)[] amounts) => new(amounts.Select(static entry => KeyValuePair.Create(entry.Name, entry.Amount)));
}
