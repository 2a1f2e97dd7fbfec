using ILGPU;
using ILGPU.Runtime;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Cuda;

/// <summary>A device of ILGPU's as the libraries see it: its context, its stream, its buffers.</summary>
internal sealed class GpuHost : ICudaHost
{
    private const int ElementBytes = sizeof(float);

    // Copies start at multiples of 512 bytes, as fresh memory does.
    private const long WordStep = 128;

    private readonly GpuDevice _device;
    private readonly GpuRounding _rounding;
    private ArrayView<int> _room;

    internal GpuHost(GpuDevice device, nint stream)
    {
        _device = device;
        _rounding = new GpuRounding(device);
        Stream = CudaStream.Borrow(stream);
    }

    public CudaStream Stream { get; }

    public MatrixPrecision Precision => _device.Precision;

    /// <summary>Null for a device without CUDA, such as the emulator.</summary>
    internal static GpuHost? Of(GpuDevice device) => device.Stream is ILGPU.Runtime.Cuda.CudaStream stream ? new GpuHost(device, stream.StreamPtr) : null;

    public void Bind() => _device.Accelerator.Bind();

    public nint AddressOf(in View view) => ((GpuBuffer)view.Buffer).Address + (nint)view.Offset * ElementBytes;

    public ShortCopies Narrow(in View first, long firstLength, in View second, long secondLength, long room)
    {
        long secondStart = Steps(firstLength), roomStart = secondStart + Steps(secondLength), total = roomStart + Steps(Math.Max(room, 1));
        var scratch = _device.Scratch.Floats(total).Cast<int>();
        var (firstCopy, secondCopy) = (scratch.SubView(0, GpuRounding.Words(firstLength)), scratch.SubView(secondStart, GpuRounding.Words(secondLength)));
        _room = scratch.SubView(roomStart, GpuRounding.Words(room));
        _rounding.Narrow(Precision, Floats(first, firstLength), firstCopy);
        _rounding.Narrow(Precision, Floats(second, secondLength), secondCopy);
        var start = scratch.LoadEffectiveAddressAsPtr();
        return new ShortCopies(start, start + (nint)secondStart * ElementBytes, start + (nint)roomStart * ElementBytes);
    }

    public void Widen(in View target) => _rounding.Widen(Precision, _room, Floats(target, target.Elements));

    private static long Steps(long length) => (GpuRounding.Words(length) + WordStep - 1) / WordStep * WordStep;

    private static ArrayView<float> Floats(in View view, long length) => ((GpuBuffer)view.Buffer).Floats.SubView(view.Offset, length);
}
