namespace TaaS.Runtime;

/// <summary>Threads that each role of a local job computes with.</summary>
/// <param name="Worker">Of each worker.</param>
/// <param name="Ps">Of each server.</param>
/// <remarks>
/// Workers share all cores evenly. A server computes while workers wait for it, so its threads come on top;
/// it gets what one worker gets, no more than its share.
/// </remarks>
public readonly record struct CoreSplit(int Worker, int Ps)
{
    /// <summary>Shares out cores.</summary>
    /// <param name="cores">Cores to use, at least 1.</param>
    /// <param name="workers">Number of workers.</param>
    /// <param name="servers">Number of servers.</param>
    public static CoreSplit Of(int cores, int workers, int servers) =>
        new(Math.Max(1, cores / Math.Max(1, workers)), Math.Max(1, cores / Math.Max(1, workers + servers)));

    /// <inheritdoc/>
    public override string ToString() => $"{Worker} threads a worker, {Ps} a server";
}
