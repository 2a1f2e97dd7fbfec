using System.Text.Json;
using System.Text.Json.Serialization;

namespace TaaS.Jobs;

/// <summary>Addresses of all roles: role name to <c>host:port</c> by index.</summary>
/// <param name="ParameterServers">Addresses of the servers.</param>
/// <param name="Workers">Addresses of the workers; worker 0 is the chief.</param>
public sealed record ClusterSpec(
    [property: JsonPropertyName("ps")] IReadOnlyList<string> ParameterServers,
    [property: JsonPropertyName("worker")] IReadOnlyList<string> Workers);

/// <summary>Which role this process is.</summary>
/// <param name="Type">A name of <see cref="Role"/>.</param>
/// <param name="Index">Number within the role, from 0.</param>
public sealed record TaskSpec(
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("index")] int Index);

/// <summary>A role's place in its cluster: the content of <c>TAAS_CONFIG</c>, and of <c>TF_CONFIG</c> in the same shape.</summary>
/// <param name="Cluster">Everyone's address.</param>
/// <param name="Task">Who this is.</param>
public sealed record TaskConfig(
    [property: JsonPropertyName("cluster")] ClusterSpec Cluster,
    [property: JsonPropertyName("task")] TaskSpec Task)
{
    /// <summary>Name of the environment variable.</summary>
    public const string EnvironmentVariable = "TAAS_CONFIG";

    /// <summary>Name of the same under TensorFlow.</summary>
    public const string TensorFlowVariable = "TF_CONFIG";

    /// <summary>Reads and checks the variable's content.</summary>
    /// <exception cref="JobException">Not JSON of this shape, an unknown role, or an index outside its list.</exception>
    public static TaskConfig Parse(string? json)
    {
        if (string.IsNullOrWhiteSpace(json))
        {
            throw Problem("", "is not set; a role needs its place, such as {\"cluster\":{\"ps\":[\"host:port\"],\"worker\":[\"host:port\"]},\"task\":{\"type\":\"worker\",\"index\":0}}");
        }

        TaskConfig? config;
        try
        {
            config = JsonSerializer.Deserialize(json, TaskConfigJson.Default.TaskConfig);
        }
        catch (JsonException error)
        {
            throw Problem(error.Path?.TrimStart('$', '.') ?? "", $"is not as expected: {error.Message}");
        }

        if (config?.Cluster is null || config.Task?.Type is null)
        {
            throw Problem("", "lacks cluster or task");
        }

        var cluster = new ClusterSpec(config.Cluster.ParameterServers ?? [], config.Cluster.Workers ?? []);
        var count = config.Task.Type switch
        {
            Role.ParameterServer => cluster.ParameterServers.Count,
            Role.Worker => cluster.Workers.Count,
            Role.Evaluator => int.MaxValue,
            var other => throw Problem("task.type", $"expected one of {string.Join(", ", Role.All)}, got {other}"),
        };
        return config.Task.Index >= 0 && config.Task.Index < count
            ? config with { Cluster = cluster }
            : throw Problem("task.index", $"expected a number from 0 to {count - 1}, got {config.Task.Index}");
    }

    /// <summary>
    /// Content of <c>TF_CONFIG</c>: the same shape, with worker 0 for chief. A role that nobody has is left out, since TensorFlow takes
    /// an empty one for a cluster with servers.
    /// </summary>
    public string ToTensorFlowJson()
    {
        var cluster = new Dictionary<string, IReadOnlyList<string>>();
        if (Cluster.ParameterServers.Count > 0)
        {
            cluster[Role.ParameterServer] = Cluster.ParameterServers;
        }

        cluster[Role.Worker] = Cluster.Workers;
        return JsonSerializer.Serialize(new TensorFlowConfig(cluster, Task), TaskConfigJson.Default.TensorFlowConfig);
    }

    /// <summary>The variable's content.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, TaskConfigJson.Default.TaskConfig);

    private static JobException Problem(string path, string message) =>
        new([new JobProblem(path.Length == 0 ? EnvironmentVariable : $"{EnvironmentVariable} {path}", 0, message)]);
}

internal sealed record TensorFlowConfig(
    [property: JsonPropertyName("cluster")] IReadOnlyDictionary<string, IReadOnlyList<string>> Cluster,
    [property: JsonPropertyName("task")] TaskSpec Task);

[JsonSerializable(typeof(TaskConfig))]
[JsonSerializable(typeof(TensorFlowConfig))]
internal sealed partial class TaskConfigJson : JsonSerializerContext;
