namespace TaaS.Runtime;

/// <summary>What a finished run came to; the content of <c>result.json</c>.</summary>
public sealed record RunResult
{
    /// <summary>Share of the test set classified right, 0 to 1.</summary>
    public required double TestAccuracy { get; init; }

    /// <summary>Mean cross-entropy on the test set.</summary>
    public required double TestLoss { get; init; }

    /// <summary>Training samples a second over all workers, evaluation left out.</summary>
    public required double ImagesPerSecond { get; init; }

    /// <summary>Seconds from start to end, processes and evaluation included.</summary>
    public required double WallSeconds { get; init; }

    /// <summary><c>sync</c>, <c>async</c>, <c>ssp</c>, or <c>local</c> where one process trains with no server.</summary>
    public required string UpdateMode { get; init; }

    /// <summary>Parameter servers.</summary>
    public required int Ps { get; init; }

    /// <summary>Workers.</summary>
    public required int Workers { get; init; }

    /// <summary>Epochs trained.</summary>
    public required int Epochs { get; init; }

    /// <summary>Seed of initialisation and shuffling.</summary>
    public required int Seed { get; init; }

    /// <summary>Bytes of gradients that all workers sent to servers, headers left out.</summary>
    public long BytesPushed { get; init; }

    /// <summary>Bytes of parameters that all workers received from servers, headers left out.</summary>
    public long BytesPulled { get; init; }

    /// <summary>Roles that died while the others went on; empty in a whole run.</summary>
    public IReadOnlyList<string> LostRoles { get; init; } = [];

    /// <summary>How often a role that died was started again.</summary>
    public int Restarts { get; init; }

    /// <summary>Folder of the run: spec, logs, metrics, checkpoint, result.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Folder { get; init; } = "";

    /// <summary>Path of the checkpoint.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public string Checkpoint { get; init; } = "";

    /// <summary>What a user reads at the end, in a few lines: the figures, what was lost, where everything is.</summary>
    public string Describe()
    {
        var lines = new List<string>
        {
            FormattableString.Invariant($"test accuracy {TestAccuracy:F4}, {ImagesPerSecond:F0} images/s, {WallSeconds:F1} s ({UpdateMode}; {Count(Ps, "server")}, {Count(Workers, "worker")}, {Count(Epochs, "epoch")})"),
        };
        var logs = Path.Combine(Folder, "logs");
        lines.AddRange(LostRoles.Select(role => $"lost on the way: {role}; its log is {Path.Combine(logs, role + ".log")}"));
        lines.Add($"result      {Path.Combine(Folder, "result.json")}");
        lines.Add($"checkpoint  {Checkpoint}");
        lines.Add($"logs        {logs}");
        return string.Join('\n', lines);
    }

    private static string Count(int number, string what) => FormattableString.Invariant($"{number} {what}{(number == 1 ? "" : "s")}");
}
