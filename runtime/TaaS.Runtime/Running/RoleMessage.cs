using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging;

namespace TaaS.Runtime;

/// <summary>What a role tells the process that started it: one JSON object a line on standard output. Any other line is the program's own.</summary>
internal sealed record RoleMessage
{
    private const string Mark = "{\"taas\":";

    /// <summary>Kind of message; first, so that a line is known by its start.</summary>
    [JsonPropertyName("taas")]
    [JsonPropertyOrder(-1)]
    public required RoleMessageKind Kind { get; init; }

    /// <summary>Listening, endpoint: where.</summary>
    public string? Address { get; init; }

    /// <summary>Log and notice: what happened, in one line.</summary>
    public string? Text { get; init; }

    /// <summary>Log: how much it matters.</summary>
    public LogLevel? Level { get; init; }

    /// <summary>Log: at which step, counted over all epochs.</summary>
    public long? Step { get; init; }

    /// <summary>Progress: where the role stands.</summary>
    public TrainingProgress? Progress { get; init; }

    /// <summary>Finished: what the role did.</summary>
    public WorkerSummary? Summary { get; init; }

    /// <summary>Failed: why, in one line.</summary>
    public string? Error { get; init; }

    /// <summary>Failed: true where a data file or a checkpoint is to blame.</summary>
    public bool? IsDataError { get; init; }

    /// <summary>How much it matters in a log.</summary>
    [JsonIgnore]
    public LogLevel Importance => Level ?? (Kind switch
    {
        RoleMessageKind.Failed => LogLevel.Error,
        RoleMessageKind.Notice => LogLevel.Warning,
        _ => LogLevel.Information,
    });

    /// <summary>At which step it was, counted over all epochs; null where it does not say.</summary>
    [JsonIgnore]
    public long? At => Step ?? Progress?.TotalSteps;

    /// <summary>The message as a line without its end.</summary>
    public string ToLine() => JsonSerializer.Serialize(this, LineJson.Default.RoleMessage);

    /// <summary>The message as a human reads it in a log.</summary>
    public string Describe() => Kind switch
    {
        RoleMessageKind.Listening => $"listens at {Address}",
        RoleMessageKind.Endpoint => $"metrics and health at http://{Address}/metrics, /healthz, /readyz",
        RoleMessageKind.Log or RoleMessageKind.Notice => Text ?? "",
        RoleMessageKind.Progress => $"{Progress}",
        RoleMessageKind.Finished when Summary is { } done =>
            FormattableString.Invariant($"{(done.Stopped ? "stopped" : "finished")} after {done.Samples} samples in {done.TrainSeconds:F2} s")
            + (done.TestAccuracy is { } accuracy ? FormattableString.Invariant($", test accuracy {accuracy:F4}") : ""),
        _ => $"failed: {Error}",
    };

    /// <summary>Reads a line; null if it is the program's own.</summary>
    public static RoleMessage? Parse(string line)
    {
        if (!line.StartsWith(Mark, StringComparison.Ordinal))
        {
            return null;
        }

        try
        {
            return JsonSerializer.Deserialize(line, LineJson.Default.RoleMessage);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}

/// <summary>Kinds of message from a role.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<RoleMessageKind>))]
internal enum RoleMessageKind
{
    /// <summary>A server takes connections.</summary>
    Listening,

    /// <summary>The role shows metrics and health over HTTP.</summary>
    Endpoint,

    /// <summary>A line for the role's log.</summary>
    Log,

    /// <summary>A line that the user should see at once.</summary>
    Notice,

    /// <summary>A worker got on.</summary>
    Progress,

    /// <summary>A worker has done its part, or stopped because it was told to.</summary>
    Finished,

    /// <summary>The role cannot go on.</summary>
    Failed,
}

/// <summary>What a worker did.</summary>
/// <param name="Samples">Samples trained on.</param>
/// <param name="TrainSeconds">Seconds of training, evaluation left out.</param>
/// <param name="TestAccuracy">Of the chief: accuracy after the last epoch.</param>
/// <param name="TestLoss">Of the chief: loss on the test set after the last epoch.</param>
/// <param name="Stopped">True if it was told to stop before the end.</param>
internal sealed record WorkerSummary(long Samples, double TrainSeconds, double? TestAccuracy, double? TestLoss, bool Stopped)
{
    /// <summary>Of the chief: updates of the parameters by all workers from its start to its last checkpoint.</summary>
    public long Updates { get; init; }

    /// <summary>Bytes of gradients sent to servers.</summary>
    public long BytesPushed { get; init; }

    /// <summary>Bytes of parameters received from servers.</summary>
    public long BytesPulled { get; init; }
}
