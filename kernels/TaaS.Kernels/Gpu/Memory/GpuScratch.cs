using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Memory for what one launch leaves to the next. Launches run in order, so all kernels of a device share it, each overwriting what the one before left.</summary>
internal sealed class GpuScratch(GpuDevice device)
{
    // Frozen launches go on using the memory they were frozen with; doubling keeps all of it below what the largest holds.
    private readonly List<GpuBuffer> _outgrown = [];

    private GpuBuffer? _buffer;

    /// <summary>That many floats of arbitrary content, at a 16-byte address, until the next call.</summary>
    internal ArrayView<float> Floats(long count)
    {
        if (_buffer is null || _buffer.Length < count)
        {
            if (_buffer is not null)
            {
                _outgrown.Add(_buffer);
            }

            _buffer = new GpuBuffer(device, DType.Float32, Math.Max(count, 2 * (_buffer?.Length ?? 0)));
        }

        return _buffer.Floats.SubView(0, count);
    }
}
