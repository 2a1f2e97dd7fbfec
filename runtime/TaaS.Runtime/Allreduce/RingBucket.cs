namespace TaaS.Runtime.Allreduce;

/// <summary>A run of elements of one parameter within a bucket.</summary>
/// <param name="Parameter">Index of the parameter.</param>
/// <param name="Offset">First element within the parameter.</param>
/// <param name="Start">First element within the bucket.</param>
/// <param name="Length">Number of elements.</param>
internal readonly record struct RingSegment(int Parameter, int Offset, int Start, int Length);

/// <summary>The part of a bucket that one worker owns: it is the last to add its gradient, and it updates.</summary>
/// <param name="Start">First element within the bucket.</param>
/// <param name="Length">Number of elements; 0 where there are more workers than elements.</param>
/// <param name="Segments">What it is made of, in order.</param>
internal sealed record RingChunk(int Start, int Length, RingSegment[] Segments)
{
    /// <summary>Bytes on the wire.</summary>
    public int Bytes => Length * sizeof(float);
}

/// <summary>Parameters that go round the ring together, once all their gradients are there.</summary>
/// <param name="Length">Number of elements.</param>
/// <param name="Parameters">Parameters that have elements in it.</param>
/// <param name="Chunks">One for each worker.</param>
internal sealed record RingBucket(int Length, int[] Parameters, RingChunk[] Chunks);
