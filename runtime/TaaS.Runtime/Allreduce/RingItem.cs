using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <summary>Something for the next worker, or work that leads to it.</summary>
/// <param name="Type">Kind of frame.</param>
/// <param name="Bucket">Bucket, or -1.</param>
/// <param name="Chunk">Chunk of the bucket.</param>
/// <param name="Step">Step, or what the kind of frame says.</param>
internal readonly record struct RingItem(MessageType Type, int Bucket, int Chunk, long Step)
{
    /// <summary>Gradients in a sum; of a state: 0 for values, 1 and up for optimizer slots.</summary>
    public int Part { get; init; }

    /// <summary>Worker it comes from.</summary>
    public int Worker { get; init; }

    /// <summary>True for a sum that this worker's gradient has yet to be added to.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>True where the content lies in the memory for what is passed on.</summary>
    public bool IsRelayed { get; init; }
}
