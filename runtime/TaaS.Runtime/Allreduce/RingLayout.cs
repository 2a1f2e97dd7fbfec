using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime.Allreduce;

/// <summary>
/// How parameters are laid into buckets, and buckets cut into chunks. Last layers come first: in a backward pass their gradients are
/// ready first. The same input gives the same layout everywhere.
/// </summary>
internal sealed class RingLayout
{
    /// <summary>Elements of a chunk that buckets are made for: 256 KiB, so that one frame is summed while it is still in the cache.</summary>
    public const int DefaultChunkElements = 64 * 1024;

    // Cuts fall on whole cache lines of the parameter, so that vector kernels see the same lanes as in the whole parameter.
    private const int CutMultiple = 64;

    // A ring of many workers has smaller chunks rather than buckets that wait for the whole model.
    private const int MaxBucketElements = 16 * 1024 * 1024;

    /// <summary>Lays out parameters.</summary>
    /// <param name="parameters">Parameters in the model's order.</param>
    /// <param name="workers">Number of workers, at least 1.</param>
    /// <param name="chunkElements">Elements of a chunk, at least 64.</param>
    public RingLayout(IReadOnlyList<ParameterInfo> parameters, int workers, int chunkElements = DefaultChunkElements)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(chunkElements, CutMultiple);
        Workers = workers;
        Buckets = [.. Fill(parameters, (int)Math.Min((long)chunkElements * workers, MaxBucketElements)).Select(Cut)];
        BucketsOf = [.. Enumerable.Range(0, parameters.Count).Select(parameter => Enumerable.Range(0, Buckets.Length).Where(bucket => Buckets[bucket].Parameters.Contains(parameter)).ToArray())];
        MaxChunkBytes = Buckets.Max(bucket => bucket.Chunks.Max(chunk => chunk.Bytes));
    }

    /// <summary>Number of workers, and of chunks in a bucket.</summary>
    public int Workers { get; }

    /// <summary>All buckets, in the order in which they go round.</summary>
    public RingBucket[] Buckets { get; }

    /// <summary>For each parameter the buckets it has elements in.</summary>
    public int[][] BucketsOf { get; }

    /// <summary>Bytes of the largest chunk.</summary>
    public int MaxChunkBytes { get; }

    private static IEnumerable<List<RingSegment>> Fill(IReadOnlyList<ParameterInfo> parameters, int bucketElements)
    {
        var (bucket, filled) = (new List<RingSegment>(), 0);
        for (var parameter = parameters.Count - 1; parameter >= 0; parameter--)
        {
            var elements = parameters[parameter].Elements;
            for (var offset = 0; offset < elements;)
            {
                var (room, rest) = (bucketElements - filled, elements - offset);
                var length = rest <= room ? rest : room / CutMultiple * CutMultiple;
                if (length == 0)
                {
                    yield return bucket;
                    (bucket, filled) = ([], 0);
                    continue;
                }

                bucket.Add(new RingSegment(parameter, offset, filled, length));
                filled += length;
                offset += length;
            }
        }

        yield return bucket;
    }

    private RingBucket Cut(List<RingSegment> segments)
    {
        var length = segments.Sum(segment => segment.Length);
        var cuts = Enumerable.Range(0, Workers + 1).Select(chunk => CutBefore(segments, length, chunk)).ToArray();
        return new RingBucket(
            length,
            [.. segments.Select(segment => segment.Parameter).Distinct()],
            [.. Enumerable.Range(0, Workers).Select(chunk => new RingChunk(cuts[chunk], cuts[chunk + 1] - cuts[chunk], [.. Within(segments, cuts[chunk], cuts[chunk + 1])]))]);
    }

    private int CutBefore(List<RingSegment> segments, int length, int chunk)
    {
        var even = (int)((long)length * chunk / Workers);
        foreach (var segment in segments)
        {
            if (even < segment.Start + segment.Length)
            {
                return segment.Start + (even - segment.Start) / CutMultiple * CutMultiple;
            }
        }

        return length;
    }

    private static IEnumerable<RingSegment> Within(List<RingSegment> segments, int start, int end)
    {
        foreach (var segment in segments)
        {
            var (first, last) = (Math.Max(start, segment.Start), Math.Min(end, segment.Start + segment.Length));
            if (first < last)
            {
                yield return new RingSegment(segment.Parameter, segment.Offset + first - segment.Start, first, last - first);
            }
        }
    }
}
