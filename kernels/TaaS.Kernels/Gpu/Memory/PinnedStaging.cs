using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// Copies between ordinary host memory and the device by way of page-locked chunks, the only host memory a device reads at full speed.
/// An upload returns as soon as its last chunk is on its way; two chunks take turns, so that one is filled while the other is read.
/// </summary>
internal sealed class PinnedStaging(Accelerator accelerator, AcceleratorStream stream) : IDisposable
{
    /// <summary>Size of a chunk.</summary>
    internal const int ChunkBytes = 4 << 20;

    private const int Chunks = 2;

    private readonly Lock _gate = new();
    private readonly PageLockedArray1D<byte>?[] _chunks = new PageLockedArray1D<byte>?[Chunks];
    private int _next;
    private int _onTheWay;

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
                target.SubView(first, piece.Length).CopyFrom(stream, chunk.ArrayView.SubView(0, piece.Length));
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
                source.SubView(first, piece.Length).CopyTo(stream, chunk.ArrayView.SubView(0, piece.Length));
                Wait();
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

    /// <summary>A chunk that nobody reads any more.</summary>
    private PageLockedArray1D<byte> Take()
    {
        if (_onTheWay == Chunks)
        {
            Wait();
        }

        _onTheWay++;
        _next = (_next + 1) % Chunks;
        return _chunks[_next] ??= accelerator.AllocatePageLocked1D<byte>(ChunkBytes);
    }

    private void Wait()
    {
        stream.Synchronize();
        _onTheWay = 0;
    }
}
