using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaaS.Jobs;

/// <summary>Where a job stands on a cluster: the custom resource's <c>status</c>.</summary>
public sealed record TrainingJobStatus
{
    /// <summary>Generation of the spec that this speaks of.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>Stage of its life.</summary>
    public JobPhase Phase { get; init; } = JobPhase.Pending;

    /// <summary>Why it is there, in a word: the reason of the condition that came true last.</summary>
    public string? Reason { get; init; }

    /// <summary>The same in a sentence.</summary>
    public string? Message { get; init; }

    /// <summary>What is true of it and why, one entry a <see cref="ConditionType"/>.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }

    /// <summary>Number of the attempt that <see cref="Placement"/> belongs to, from 1; 0 before the first.</summary>
    public int Attempt { get; init; }

    /// <summary>Node of every pod of the attempt; empty while the job waits.</summary>
    public IReadOnlyList<PodAssignment> Placement { get => field ?? []; init; }

    /// <summary>Workers that exist; what the scale subresource shows.</summary>
    public int Workers { get; init; }

    /// <summary>Label selector of the workers, as the scale subresource gives it to autoscalers.</summary>
    public string? Selector { get; init; }

    /// <summary>Pods that are ready, by role.</summary>
    public IReadOnlyDictionary<string, int> ReadyReplicas { get => field ?? new Dictionary<string, int>(); init; }

    /// <summary>Failures of the user's program; at most <see cref="PolicySpec.BackoffLimit"/> before the job fails.</summary>
    public int Restarts { get; init; }

    /// <summary>Failures of nodes and of placing; they cost no retry.</summary>
    public int InfrastructureFailures { get; init; }

    /// <summary>While it waits, its place in the queue, from 1.</summary>
    public int? QueuePosition { get; init; }

    /// <summary>While it waits, the earliest it could start by what is known of run times.</summary>
    public DateTimeOffset? EarliestStart { get; init; }

    /// <summary>While it waits, nodes that do not fit, by cause.</summary>
    public IReadOnlyDictionary<string, int> NodesByCause { get => field ?? new Dictionary<string, int>(); init; }

    /// <summary>Nodes that failed the job and are left out.</summary>
    public IReadOnlyList<ExcludedNode> ExcludedNodes { get => field ?? []; init; }

    /// <summary>After a failed attempt, when the next may begin.</summary>
    public DateTimeOffset? NotBefore { get; init; }

    /// <summary>When the operator first saw it.</summary>
    public DateTimeOffset? SubmitTime { get; init; }

    /// <summary>When the current attempt's gang was whole; null while it waits.</summary>
    public DateTimeOffset? StartTime { get; init; }

    /// <summary>When it succeeded or failed.</summary>
    public DateTimeOffset? CompletionTime { get; init; }

    /// <summary>True once it succeeded or failed.</summary>
    [JsonIgnore]
    public bool IsFinished => Phase is JobPhase.Succeeded or JobPhase.Failed;

    /// <summary>The condition of a type, or null.</summary>
    public Condition? Find(string type) => Conditions.FirstOrDefault(condition => condition.Type == type);

    /// <summary>True if the condition of a type is there and true.</summary>
    public bool Is(string type) => Find(type)?.Status == ConditionStatus.True;

    /// <summary>Sets a condition; the time of its last transition stays where its status does. One that is true says why the job is where it is.</summary>
    public TrainingJobStatus With(Condition condition)
    {
        var next = this with { Conditions = Condition.Set(Conditions, condition) };
        return condition.Status == ConditionStatus.True ? next with { Reason = condition.Reason, Message = next.Find(condition.Type)!.Message } : next;
    }

    /// <summary>Reads a resource's <c>status</c>; what a newer operator may have added is passed over.</summary>
    /// <exception cref="JsonException">Not JSON of this shape.</exception>
    public static TrainingJobStatus FromJson(JsonElement json) =>
        json.Deserialize(StatusJson.Default.TrainingJobStatus) ?? new TrainingJobStatus();

    /// <summary>The resource's <c>status</c>; what is unset is left out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, StatusJson.Default.TrainingJobStatus);

    /// <summary>The same content? Times count in seconds, as the API keeps them.</summary>
    public bool SameAs(TrainingJobStatus other) => ToJson() == other.ToJson();
}

/// <summary>Stages of a job's life.</summary>
public enum JobPhase
{
    /// <summary>It waits for quota or nodes.</summary>
    Pending,

    /// <summary>Every pod has a node; none need exist yet.</summary>
    Admitted,

    /// <summary>Pods are made, bound and started.</summary>
    Starting,

    /// <summary>The whole gang runs.</summary>
    Running,

    /// <summary>Held back by its owner; its checkpoint stays.</summary>
    Suspended,

    /// <summary>Done.</summary>
    Succeeded,

    /// <summary>Given up.</summary>
    Failed,
}

/// <summary>Node of one pod.</summary>
/// <param name="Role">A name of <see cref="Jobs.Role"/>.</param>
/// <param name="Index">Number within the role, from 0.</param>
/// <param name="Node">Name of the node.</param>
/// <param name="Flavor">Flavor whose quota it uses.</param>
public sealed record PodAssignment(string Role, int Index, string Node, string Flavor);

/// <summary>A node that failed the job.</summary>
/// <param name="Node">Name of the node.</param>
/// <param name="Reason">What happened there.</param>
/// <param name="Since">When.</param>
public sealed record ExcludedNode(string Node, string Reason, DateTimeOffset Since);
