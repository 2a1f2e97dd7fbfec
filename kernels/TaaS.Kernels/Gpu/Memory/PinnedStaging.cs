using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// Copies between ordinary host memory and the device by way of page-locked chunks, the only host memory a device reads at full speed.
/// An upload returns as soon as its last chunk is on its way; chunks take turns, so that one is filled while others are read.
/// </summary>
internal sealed class PinnedStaging(Accelerator accelerator, AcceleratorStream stream) : IDisposable
{
    /// <summary>Size of a chunk.</summary>
    internal const int ChunkBytes = 4 << 20;

    // A step uploads its samples and its labels: enough for the next step's while this one's wait.
    private const int Chunks = 4;

    private readonly Lock _gate = new();
    private readonly PinnedChunk?[] _chunks = new PinnedChunk?[Chunks];
    private int _next;

    /// <summary>Copies to the device, in the order of launches. The source is free again on return.</summary>
    internal void Upload(ReadOnlySpan<byte> source, ArrayView<byte> target)
    {
        lock (_gate)
        {
            for (var first = 0; first < source.Length; first += ChunkBytes)
            {
                var piece = source.Slice(first, Math.Min(ChunkBytes, source.Length - first));
                var chunk = Take();
                piece.CopyTo(chunk.Span);
                target.SubView(first, piece.Length).CopyFrom(stream, chunk.View(piece.Length));
                chunk.Mark();
            }
        }
    }

    /// <summary>Copies to the host; waits for the launches before.</summary>
    internal void Download(ArrayView<byte> source, Span<byte> target)
    {
        lock (_gate)
        {
            for (var first = 0; first < target.Length; first += ChunkBytes)
            {
                var piece = target.Slice(first, Math.Min(ChunkBytes, target.Length - first));
                var chunk = Take();
                source.SubView(first, piece.Length).CopyTo(stream, chunk.View(piece.Length));
                stream.Synchronize();
                chunk.Span[..piece.Length].CopyTo(piece);
            }
        }
    }

    public void Dispose()
    {
        foreach (var chunk in _chunks)
        {
            chunk?.Dispose();
        }
    }

    /// <summary>A chunk that the device has done with.</summary>
    private PinnedChunk Take()
    {
        _next = (_next + 1) % Chunks;
        var chunk = _chunks[_next] ??= new PinnedChunk(accelerator, stream, ChunkBytes);
        chunk.Wait();
        return chunk;
    }
}
