namespace TaaS.Runtime;

/// <summary>How to run a job on this machine.</summary>
public sealed record RunOptions
{
    /// <summary>Program that starts a role, such as the path of <c>dotnet</c>.</summary>
    public required string RoleExecutable { get; init; }

    /// <summary>Its first arguments, such as <c>[".../taas-cli.dll", "role"]</c>; the role gets its place by environment variables.</summary>
    public IReadOnlyList<string> RoleArguments { get; init; } = [];

    /// <summary>Folder of runs; null takes <c>spec.output.path</c> of the job.</summary>
    public string? RunsFolder { get; init; }

    /// <summary>Name of the run's folder; null takes the job's name, with <c>-2</c>, <c>-3</c>, … if it exists.</summary>
    public string? RunName { get; init; }

    /// <summary>The job file's text, kept as <c>spec.yaml</c> and given to the roles.</summary>
    public required string JobText { get; init; }

    /// <summary>Overrides of the form <c>spec.epochs=2</c> applied to the text.</summary>
    public IReadOnlyList<string> Overrides { get; init; } = [];

    /// <summary>Checkpoint to go on from; null starts afresh.</summary>
    public string? ResumeFrom { get; init; }

    /// <summary>Cores to share out among the roles; 0 means all of this machine.</summary>
    public int Cores { get; init; }

    /// <summary>Seed of initialisation and shuffling.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>How long roles may take to end after a cancel or a failure before they are killed. Default 10 s.</summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
