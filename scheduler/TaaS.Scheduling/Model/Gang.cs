using TaaS.Jobs;

namespace TaaS.Scheduling.Model;

/// <summary>All pods of one job: they start together or not at all.</summary>
public sealed record Gang
{
    /// <summary>Identity, such as the job's UID.</summary>
    public required string Id { get; init; }

    /// <summary>Name for messages, such as <c>team-a/fashion-mnist</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Name of the queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Namespace, and the user and groups that submitted it where they are known; see <see cref="QueueSpec.AllowedUsers"/>.</summary>
    public Submitter Submitter { get; init; } = new("", null, []);

    /// <summary>Higher first.</summary>
    public int Priority { get; init; }

    /// <summary>When it was submitted; earlier first among equals.</summary>
    public required DateTimeOffset SubmittedAt { get; init; }

    /// <summary>Its pods by role.</summary>
    public required IReadOnlyList<PodSet> PodSets { get; init; }

    /// <summary>How long it will run, declared or learnt; null where nobody knows, and it is then taken to run for ever.</summary>
    public TimeSpan? ExpectedRunTime { get; init; }

    /// <summary>Node label whose value all pods should share, such as <c>nvidia.com/gpu.clique</c> or a rack's; null leaves the choice to the score.</summary>
    public string? TopologyKey { get; init; }

    /// <summary>With a <see cref="TopologyKey"/>: true waits for a domain that holds the whole gang, false takes the fewest domains.</summary>
    public bool IsTopologyRequired { get; init; }

    /// <summary>Nodes on which earlier attempts failed.</summary>
    public IReadOnlySet<string> ExcludedNodes { get; init; } = new HashSet<string>();

    /// <summary>Not to start before; null for at once.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>May it be stopped for the sake of another?</summary>
    public bool IsPreemptible { get; init; } = true;

    /// <summary>Where its pods are or are about to be; null while it waits.</summary>
    public Placement? Placement { get; init; }

    /// <summary>Since when it holds its placement.</summary>
    public DateTimeOffset? PlacedAt { get; init; }

    /// <summary>True while its pods are being stopped: they still hold their resources, and will soon free them.</summary>
    public bool IsTerminating { get; init; }
}

/// <summary>Who submitted a job.</summary>
/// <param name="Namespace">Namespace of the job.</param>
/// <param name="User">User name; null where it is not known.</param>
/// <param name="Groups">Groups of the user.</param>
public sealed record Submitter(string Namespace, string? User, IReadOnlyList<string> Groups);

/// <summary>Equal pods of one role.</summary>
public sealed record PodSet
{
    /// <summary>Name of the role.</summary>
    public required string Role { get; init; }

    /// <summary>How many there shall be.</summary>
    public required int Count { get; init; }

    /// <summary>Fewest with which the gang may start; the rest follow when there is room. Equal to <see cref="Count"/> where the role is not elastic.</summary>
    public required int MinCount { get; init; }

    /// <summary>What one pod asks for, without <c>pods</c>, of which each takes one.</summary>
    public required ResourceList Requests { get; init; }

    /// <summary>Labels a node must carry, with exactly these values.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Further rules on nodes.</summary>
    public NodeAffinity Affinity { get; init; } = NodeAffinity.None;

    /// <summary>Taints the pods put up with.</summary>
    public IReadOnlyList<Toleration> Tolerations { get; init; } = [];

    /// <summary>The one flavor that will do; null takes the first of the queue that fits.</summary>
    public string? Flavor { get; init; }

    /// <summary>True keeps these pods on different nodes where it can (parameter servers); false packs them.</summary>
    public bool IsSpread { get; init; }
}
