namespace TaaS.Runtime.Allreduce;

/// <summary>Where a worker stands in the ring: it sends to the next worker and receives from the one before.</summary>
/// <param name="Addresses">Where each worker listens, by index.</param>
/// <param name="Worker">Index of this worker.</param>
internal sealed record RingPlace(IReadOnlyList<string> Addresses, int Worker)
{
    /// <summary>Number of workers.</summary>
    public int Workers => Addresses.Count;

    /// <summary>Worker this one sends to.</summary>
    public int Next => (Worker + 1) % Workers;

    /// <summary>Worker this one receives from; also the chunk whose sum begins here, since its owner is the last to add to it.</summary>
    public int Previous => Before(1);

    /// <summary>Worker so many places before this one.</summary>
    public int Before(int places) => (Worker + Workers - places) % Workers;

    /// <summary>A worker and its address, for messages.</summary>
    public string Name(int worker) => $"worker {worker} ({Addresses[worker]})";
}
