using System.Text.Json;
using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>Where jobs wait, and what those of one group may use together (cluster-wide resource <c>Queue</c>).</summary>
/// <param name="Name">Name of the queue.</param>
/// <param name="Spec">Its rules.</param>
public sealed record Queue(string Name, QueueSpec Spec)
{
    /// <summary>Kind of the resource.</summary>
    public const string Kind = "Queue";

    /// <summary>Reads a queue from YAML or JSON, fills in defaults and checks all of it.</summary>
    /// <exception cref="JobException">Anything unknown, missing, of a wrong type or unit, or impossible.</exception>
    public static Queue Parse(string yaml) =>
        ContractReader.Parse(yaml, "the queue", [], QueueReader.ReadQueue, static queue => QueueRules.Check(queue.Spec));

    /// <summary>Reads the spec of a custom resource.</summary>
    /// <exception cref="JobException">Anything unknown, missing, of a wrong type or unit, or impossible.</exception>
    public static Queue FromSpec(string name, JsonElement spec) =>
        new(name, ContractReader.Spec(spec, QueueReader.ReadQueueSpec, QueueRules.Check));

    /// <summary>Reads a custom resource, whatever else the API server wrote into its metadata and beside its spec.</summary>
    /// <exception cref="JobException">No name, or anything wrong with the spec.</exception>
    public static Queue FromResource(JsonElement resource) => FromSpec(ResourceJson.Name(resource), ResourceJson.Spec(resource));

    /// <summary>The queue as YAML with all defaults written out.</summary>
    public string ToYaml() => JsonYaml.Write(ToJson());

    /// <summary>The same as a JSON object, as an API server takes it.</summary>
    public JsonObject ToJson() => QueueWriter.Write(this);
}

/// <summary>Quota, kinship and rights of a queue.</summary>
public sealed record QueueSpec
{
    /// <summary>Before the name of a group in <see cref="AllowedUsers"/>.</summary>
    public const string GroupPrefix = "group:";

    /// <summary>Before the name of a namespace in <see cref="AllowedUsers"/>.</summary>
    public const string NamespacePrefix = "namespace:";

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
