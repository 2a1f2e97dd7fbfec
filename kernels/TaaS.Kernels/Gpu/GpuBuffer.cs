using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>Memory of a GPU. The block goes back to the allocator when the last view is collected.</summary>
internal sealed class GpuBuffer : DeviceBuffer
{
    private readonly GpuDevice _device;
    private readonly GpuBlock _block;

    internal GpuBuffer(GpuDevice device, DType dtype, long length)
        : base(device, dtype, length)
    {
        _device = device;
        _block = device.Memory.Allocate(length * ElementBytes);
    }

    ~GpuBuffer()
    {
        // Also runs where the device had no memory for the buffer.
        if (_block is { } block)
        {
            _device.Memory.Return(block);
        }
    }

    /// <summary>Address of the first element on the device.</summary>
    internal nint Address => _block.Address;

    /// <summary>The elements as floats.</summary>
    internal ArrayView<float> Floats => Elements<float>(DType.Float32);

    /// <summary>The floats of a view from its first element on, whatever its strides.</summary>
    internal static ArrayView<float> FloatsOf(in View view) => ((GpuBuffer)view.Buffer).Floats.SubView(view.Offset);

    /// <summary>The elements as integers.</summary>
    internal ArrayView<int> Ints => Elements<int>(DType.Int32);

    /// <summary>The elements as bare bits, whatever their type.</summary>
    internal ArrayView<int> Bits => _block.View.Cast<int>().SubView(0, Length);

    /// <summary>A view from the first element on over as many bytes of the device's address space, beyond this buffer's own: whoever uses it must know what lies there.</summary>
    internal ArrayView<byte> Reaching(long bytes) => _block.Reaching(bytes);

    /// <summary>Fills with zero bits, in the order of launches.</summary>
    internal void Clear() => _block.View.MemSetToZero(_device.Stream);

    private protected override void Upload(ReadOnlySpan<byte> source, long firstByte) => _device.Staging.Upload(source, _block.View.SubView(firstByte, source.Length));

    private protected override void Download(Span<byte> target, long firstByte) => _device.Staging.Download(_block.View.SubView(firstByte, target.Length), target);

    private protected override bool TryCopyDirectly(DeviceBuffer source, long sourceByte, long byteHere, long bytes)
    {
        var copied = source is GpuBuffer peer && Cuda.PeerCopy.TryRun(peer._device, peer.Address + (nint)sourceByte, _device, Address + (nint)byteHere, bytes);
        GC.KeepAlive(source);
        return copied;
    }

    private ArrayView<T> Elements<T>(DType expected)
        where T : unmanaged => DType == expected
        ? _block.View.Cast<T>().SubView(0, Length)
        : throw new InvalidOperationException($"buffer: holds {DType}, read as {expected}");
}
