using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>Philox draws; the same words as the reference.</summary>
internal sealed class GpuRandom(GpuDevice device) : IRandomKernels
{
    private readonly DrawLaunch<UniformDraw> _uniform = new(device);
    private readonly DrawLaunch<NormalDraw> _normal = new(device);
    private readonly DrawLaunch<DropoutDraw> _dropout = new(device);

    public void Uniform(View y, float low, float high, ulong seed, ulong offset) => _uniform.Run(y, y, new UniformDraw(low, high - low), seed, offset);

    public void Normal(View y, float mean, float deviation, ulong seed, ulong offset) => _normal.Run(y, y, new NormalDraw(mean, deviation), seed, offset);

    public void Dropout(View x, View y, float p, ulong seed, ulong offset) => _dropout.Run(x, y, new DropoutDraw(p), seed, offset);

    /// <summary>One kind of draw, compiled for the device when first used.</summary>
    private sealed class DrawLaunch<TDraw>(GpuDevice device)
        where TDraw : unmanaged, IDraw
    {
        private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, TDraw, ulong, ulong, int, int>? _kernel;

        internal void Run(in View x, in View y, in TDraw draw, ulong seed, ulong offset)
        {
            var length = (int)y.Elements;
            if (length == 0)
            {
                return;
            }

            device.Load(ref _kernel, DrawKernels.Draw<TDraw>);
            var words = (x.Offset | y.Offset) % Float4.Count == 0 ? length / Float4.Count : 0;
            _kernel(
                device.Stream,
                device.Cover(((long)length + Float4.Count - 1) / Float4.Count),
                ((GpuBuffer)x.Buffer).Floats.SubView(x.Offset),
                ((GpuBuffer)y.Buffer).Floats.SubView(y.Offset),
                draw,
                seed,
                offset,
                length,
                words);
            GC.KeepAlive(x.Buffer);
            GC.KeepAlive(y.Buffer);
        }
    }
}
