namespace TaaS.Jobs;

/// <summary>Where jobs wait, and what those of one group may use together (cluster-wide resource <c>Queue</c>).</summary>
/// <param name="Name">Name of the queue.</param>
/// <param name="Spec">Its rules.</param>
public sealed record Queue(string Name, QueueSpec Spec)
{
    /// <summary>Kind of the resource.</summary>
    public const string Kind = "Queue";
}

/// <summary>Quota, kinship and rights of a queue.</summary>
public sealed record QueueSpec
{
    /// <summary>
    /// Queues of one cohort lend each other what they do not use. A path such as <c>research/vision</c> makes a hierarchy:
    /// unused quota goes to the nearest relatives first. Empty: the queue stands alone.
    /// </summary>
    public string Cohort { get; init; } = "";

    /// <summary>Share of what is lent, beside that of the others: above 0. Default 1.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Quota by flavor, in the order in which flavors are tried. A flavor or a resource that is not named may not be used.</summary>
    public IReadOnlyList<FlavorQuota> Quotas { get; init; } = [];

    /// <summary>Users (<c>alice</c>), groups (<c>group:vision</c>) and namespaces (<c>namespace:team-a</c>) whose jobs are taken; empty takes everyone's.</summary>
    public IReadOnlyList<string> AllowedUsers { get; init; } = [];

    /// <summary>May a job here stop one of lower priority of the same queue? Default <see cref="PreemptionPolicy.LowerPriority"/>.</summary>
    public PreemptionPolicy WithinQueue { get; init; } = PreemptionPolicy.LowerPriority;

    /// <summary>May a job here take back quota of its own that a relative borrowed? Default <see cref="PreemptionPolicy.Any"/>.</summary>
    public PreemptionPolicy ReclaimWithinCohort { get; init; } = PreemptionPolicy.Any;

    /// <summary>True takes no new job in; those that run go on. Default false.</summary>
    public bool Hold { get; init; }
}

/// <summary>What a queue may use of one flavor.</summary>
/// <param name="Flavor">Name of a <see cref="ResourceFlavor"/>.</param>
/// <param name="Resources">Quota by resource name.</param>
public sealed record FlavorQuota(string Flavor, IReadOnlyDictionary<string, ResourceQuota> Resources);

/// <summary>Quota of one resource.</summary>
/// <param name="Nominal">What the queue may use at any time.</param>
/// <param name="BorrowingLimit">Most it may use beyond that of what its cohort leaves unused; null for no limit.</param>
/// <param name="LendingLimit">Most of its own that others may use; null for all of it.</param>
public sealed record ResourceQuota(Quantity Nominal, Quantity? BorrowingLimit = null, Quantity? LendingLimit = null);

/// <summary>Whose jobs may be stopped.</summary>
public enum PreemptionPolicy
{
    /// <summary>Nobody's.</summary>
    Never,

    /// <summary>Those of lower priority.</summary>
    LowerPriority,

    /// <summary>Those of any priority.</summary>
    Any,
}

/// <summary>A kind of node, and of pod on it (cluster-wide resource <c>ResourceFlavor</c>).</summary>
/// <param name="Name">Name of the flavor.</param>
/// <param name="Spec">What sets it apart.</param>
public sealed record ResourceFlavor(string Name, ResourceFlavorSpec Spec)
{
    /// <summary>Kind of the resource.</summary>
    public const string Kind = "ResourceFlavor";
}

/// <summary>What sets a flavor apart.</summary>
public sealed record ResourceFlavorSpec
{
    /// <summary>Labels that its nodes carry; empty for any node.</summary>
    public IReadOnlyDictionary<string, string> NodeLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints of its nodes; a pod admitted to the flavor puts up with them.</summary>
    public IReadOnlyList<Taint> NodeTaints { get; init; } = [];

    /// <summary>Size of a replica that names this flavor and no resources; empty for none.</summary>
    public IReadOnlyDictionary<string, Quantity> Resources { get; init; } = new Dictionary<string, Quantity>();

    /// <summary>Price of one replica of that size for an hour, in the currency of the house; 0 for free.</summary>
    public decimal PricePerHour { get; init; }
}
