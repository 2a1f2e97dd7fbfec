using System.Text.Json.Serialization;

namespace TaaS.Jobs;

/// <summary>Something that is true, false or unknown of a resource, and why. <b>Source</b>: Kubernetes API, meta/v1 Condition.</summary>
/// <param name="Type">A name of <see cref="ConditionType"/>.</param>
/// <param name="Status">Is it so?</param>
/// <param name="Reason">Code, such as one of <see cref="Jobs.Reason"/>.</param>
/// <param name="Message">The same in plain words.</param>
/// <param name="LastTransitionTime">Since when <paramref name="Status"/> is what it is.</param>
public sealed record Condition(string Type, ConditionStatus Status, string Reason, string Message, DateTimeOffset LastTransitionTime)
{
    /// <summary>Longest message; the API takes no more.</summary>
    public const int MaxMessageLength = 32_768;

    /// <summary>Generation of the spec that this speaks of; 0 for unknown.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public long ObservedGeneration { get; init; }

    /// <summary>A list with the condition in it, in place of the one of its type; the transition time stays where the status does.</summary>
    public static IReadOnlyList<Condition> Set(IReadOnlyList<Condition> conditions, Condition condition)
    {
        if (condition.Message.Length > MaxMessageLength)
        {
            condition = condition with { Message = condition.Message[..(MaxMessageLength - 1)] + "…" };
        }

        if (conditions.FirstOrDefault(earlier => earlier.Type == condition.Type) is not { } earlier)
        {
            return [.. conditions, condition];
        }

        var next = earlier.Status == condition.Status ? condition with { LastTransitionTime = earlier.LastTransitionTime } : condition;
        return [.. conditions.Select(at => ReferenceEquals(at, earlier) ? next : at)];
    }
}

/// <summary>Whether a condition holds.</summary>
public enum ConditionStatus
{
    /// <summary>It is so.</summary>
    True,

    /// <summary>It is not.</summary>
    False,

    /// <summary>Nobody can tell.</summary>
    Unknown,
}

/// <summary>Names of conditions.</summary>
public static class ConditionType
{
    /// <summary>Job: it has quota and a node for every pod.</summary>
    public const string Admitted = "Admitted";

    /// <summary>Job: it is in a queue; the reason says what for.</summary>
    public const string Waiting = "Waiting";

    /// <summary>Job: the whole gang runs.</summary>
    public const string Running = "Running";

    /// <summary>Job: held back by its owner.</summary>
    public const string Suspended = "Suspended";

    /// <summary>Job: done.</summary>
    public const string Succeeded = "Succeeded";

    /// <summary>Job: given up.</summary>
    public const string Failed = "Failed";

    /// <summary>Queue: its spec is sound, its flavors exist and it takes jobs in.</summary>
    public const string Active = "Active";

    /// <summary>Queue: it uses more than its quota allows, such as after an edit.</summary>
    public const string OverQuota = "OverQuota";
}
