using ILGPU;
using ILGPU.Runtime;
using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Gpu;

/// <summary>Page-locked host memory, and whether the device may still be at work on it.</summary>
internal sealed class PinnedChunk(Accelerator accelerator, AcceleratorStream stream, int bytes) : IDisposable
{
    private readonly PageLockedArray1D<byte> _memory = accelerator.AllocatePageLocked1D<byte>(bytes);

    // A mark in CUDA's stream; elsewhere a copy has been done when its call returns.
    private readonly CudaStream? _stream = stream is ILGPU.Runtime.Cuda.CudaStream cuda ? CudaStream.Borrow(cuda.StreamPtr) : null;
    private CudaEvent? _mark;

    internal Span<byte> Span => _memory.Span;

    internal ArrayView<byte> View(int length) => _memory.ArrayView.SubView(0, length);

    /// <summary>Copies that were queued so far use this chunk: <see cref="Wait"/> waits for them, and for nothing queued later.</summary>
    internal void Mark()
    {
        if (_stream is not null)
        {
            // A mark belongs to the context that is current, which may be another GPU's.
            accelerator.Bind();
            (_mark ??= new CudaEvent(EventFlags.DisableTiming)).Record(_stream);
        }
    }

    /// <summary>Waits until the device has done with the chunk.</summary>
    internal void Wait() => _mark?.Synchronize();

    public void Dispose()
    {
        _mark?.Dispose();
        _memory.Dispose();
    }
}
