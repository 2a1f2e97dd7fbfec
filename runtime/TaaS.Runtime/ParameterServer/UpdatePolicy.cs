using TaaS.Runtime.Compression;

namespace TaaS.Runtime.ParameterServer;

/// <summary>How far workers may run apart. One number covers all modes.</summary>
/// <param name="Staleness">
/// 0 is <c>sync</c>: each step is one update by the mean of the workers' gradients, reduced in the order of workers.
/// N &gt; 0 is <c>ssp</c>: gradients are applied as they come, and no worker gets more than N steps ahead of the slowest (Ho et al. 2013).
/// -1 is <c>async</c>: gradients are applied as they come, nobody waits.
/// </param>
/// <param name="Workers">Workers there from the beginning, which the others wait for.</param>
public sealed record UpdatePolicy(int Staleness, int Workers)
{
    /// <summary>Sync: a step does without this many of the slowest workers, never without the chief (Chen et al. 2016, arXiv:1604.00981). Default 0.</summary>
    public int BackupWorkers { get; init; }

    /// <summary>Most workers there can be, those that join later included; at least <see cref="Workers"/>.</summary>
    public int MaxWorkers { get => Math.Max(field, Workers); init; }

    /// <summary>Fewest workers that go on when others leave or are lost; at most <see cref="Workers"/>. Default: in sync all of them, otherwise 1.</summary>
    public int MinWorkers { get => field > 0 ? Math.Min(field, Workers) : IsSync ? Workers : 1; init; }

    /// <summary>How gradients travel to servers in other processes. Parameters travel back as they are.</summary>
    public GradientCompression Compression { get; init; } = GradientCompression.None;

    /// <summary>True where each step is one update from all workers.</summary>
    public bool IsSync => Staleness == 0;

    /// <summary>True where the same job gives the same bits: every gradient counts, in a fixed order.</summary>
    public bool IsRepeatable => IsSync && BackupWorkers == 0 && MaxWorkers == Workers && MinWorkers == Workers;

    /// <summary>Name of the mode: <c>sync</c>, <c>ssp</c> or <c>async</c>.</summary>
    public string Mode => Staleness switch { 0 => "sync", > 0 => "ssp", _ => "async" };

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Mode}{(Staleness > 0 ? $" {Staleness}" : "")}, {Workers} workers{(BackupWorkers > 0 ? $", {BackupWorkers} backup" : "")}{(MinWorkers < Workers && IsSync ? $", at least {MinWorkers}" : "")}{(MaxWorkers > Workers ? $", at most {MaxWorkers}" : "")}{(Compression.Kind == CompressionKind.None ? "" : $", {Compression}")}";
}
