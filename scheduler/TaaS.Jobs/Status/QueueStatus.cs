using System.Text.Json;

namespace TaaS.Jobs;

/// <summary>How a queue stands: the custom resource's <c>status</c>.</summary>
public sealed record QueueStatus
{
    /// <summary>Generation of the spec that this speaks of.</summary>
    public long ObservedGeneration { get; init; }

    /// <summary>Jobs that wait.</summary>
    public int Waiting { get; init; }

    /// <summary>Jobs that hold quota.</summary>
    public int Running { get; init; }

    /// <summary>What they hold, by flavor.</summary>
    public IReadOnlyList<FlavorUsage> Usage { get => field ?? []; init; }

    /// <summary>What is true of it and why.</summary>
    public IReadOnlyList<Condition> Conditions { get => field ?? []; init; }

    /// <summary>Sets a condition; the time of its last transition stays where its status does.</summary>
    public QueueStatus With(Condition condition) => this with { Conditions = Condition.Set(Conditions, condition) };

    /// <summary>Reads a resource's <c>status</c>; what a newer operator may have added is passed over.</summary>
    /// <exception cref="JsonException">Not JSON of this shape.</exception>
    public static QueueStatus FromJson(JsonElement json) => json.Deserialize(StatusJson.Default.QueueStatus) ?? new QueueStatus();

    /// <summary>The resource's <c>status</c>.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, StatusJson.Default.QueueStatus);

    /// <summary>The same content? Times count in seconds, as the API keeps them.</summary>
    public bool SameAs(QueueStatus other) => ToJson() == other.ToJson();
}

/// <summary>What a queue's jobs hold of one flavor.</summary>
/// <param name="Flavor">Name of the flavor.</param>
/// <param name="Resources">Quantities by resource.</param>
public sealed record FlavorUsage(string Flavor, IReadOnlyDictionary<string, string> Resources);
