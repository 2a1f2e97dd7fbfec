namespace TaaS.Runtime.ParameterServer;

/// <summary>How far workers may run apart. One number covers all modes.</summary>
/// <param name="Staleness">
/// 0 is <c>sync</c>: every step waits for every worker, the mean of their gradients is applied once, reduced in the order of workers.
/// N &gt; 0 is <c>ssp</c>: gradients are applied as they come, and no worker gets more than N steps ahead of the slowest.
/// -1 is <c>async</c>: gradients are applied as they come, nobody waits.
/// </param>
/// <param name="Workers">Number of workers.</param>
public sealed record UpdatePolicy(int Staleness, int Workers)
{
    /// <summary>True where each step is one update from all workers.</summary>
    public bool IsSync => Staleness == 0;

    /// <summary>Name of the mode: <c>sync</c>, <c>ssp</c> or <c>async</c>.</summary>
    public string Mode => Staleness switch { 0 => "sync", > 0 => "ssp", _ => "async" };

    /// <inheritdoc/>
    public override string ToString() => Staleness > 0 ? $"ssp {Staleness}, {Workers} workers" : $"{Mode}, {Workers} workers";
}
