using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>2-D pooling: any windows a thread an element, 2×2 windows that halve the image with 16- or 8-byte accesses.</summary>
internal sealed class GpuPooling(GpuDevice device) : IPoolingKernels
{
    private readonly MaxPoolLaunch<PlainPool> _plain = new(device);
    private readonly MaxPoolLaunch<BiasReluPool> _fused = new(device);
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, PoolLayout, int, int>? _forward;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, PoolLayout, int, int>? _forwardLarge;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, PoolLayout, int>? _forwardHalving;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, PoolLayout, int, int>? _backward;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, PoolLayout, int>? _backwardHalving;

    public void MaxForward(View x, View y, View indices, Pool2dGeometry geometry)
    {
        _plain.Forward(x, x, y, indices, geometry);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
        GC.KeepAlive(indices.Buffer);
    }

    public void MaxBackward(View dy, View indices, View dx, Pool2dGeometry geometry)
    {
        _plain.Backward(dy, indices, dx, null, geometry);
        GC.KeepAlive(dy.Buffer);
        GC.KeepAlive(indices.Buffer);
        GC.KeepAlive(dx.Buffer);
    }

    public void BiasReluMaxForward(View x, View bias, View y, View indices, Pool2dGeometry geometry)
    {
        _fused.Forward(x, bias, y, indices, geometry);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(bias.Buffer);
        GC.KeepAlive(y.Buffer);
        GC.KeepAlive(indices.Buffer);
    }

    public void BiasReluMaxBackward(View dy, View indices, View dx, View dbias, Pool2dGeometry geometry)
    {
        _fused.Backward(dy, indices, dx, dbias, geometry);
        GC.KeepAlive(dy.Buffer);
        GC.KeepAlive(indices.Buffer);
        GC.KeepAlive(dx.Buffer);
        GC.KeepAlive(dbias.Buffer);
    }

    public void AverageForward(View x, View y, Pool2dGeometry geometry, bool countPadding)
    {
        if (y.Elements == 0)
        {
            return;
        }

        var layout = PoolLayout.Of(x.Shape, y.Shape, geometry);
        var length = (int)y.Elements;
        if (layout.IsWideHalving && AreAligned(Float4.Count, x, y, y))
        {
            device.Load(ref _forwardHalving, AveragePoolKernels.ForwardHalving);
            _forwardHalving(device.Stream, device.Cover((length + Float4.Count - 1) / Float4.Count), Floats(x), Floats(y), layout, length);
        }
        else if (geometry.WindowH * geometry.WindowW >= device.Accelerator.WarpSize)
        {
            device.Load(ref _forwardLarge, AveragePoolKernels.ForwardLarge);
            _forwardLarge(device.Stream, device.Cover((long)length * device.Accelerator.WarpSize), Floats(x), Floats(y), layout, Divisor(geometry, countPadding), length);
        }
        else
        {
            device.Load(ref _forward, AveragePoolKernels.Forward);
            _forward(device.Stream, device.Cover(length), Floats(x), Floats(y), layout, Divisor(geometry, countPadding), length);
        }

        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    public void AverageBackward(View dy, View dx, Pool2dGeometry geometry, bool countPadding)
    {
        if (dx.Elements == 0)
        {
            return;
        }

        var layout = PoolLayout.Of(dx.Shape, dy.Shape, geometry);
        if (layout.IsWideHalving && AreAligned(Float4.Count, dx, dy, dy))
        {
            var length = (int)dy.Elements;
            device.Load(ref _backwardHalving, AveragePoolKernels.BackwardHalving);
            _backwardHalving(device.Stream, device.Cover((length + Float4.Count - 1) / Float4.Count), Floats(dy), Floats(dx), layout, length);
        }
        else
        {
            device.Load(ref _backward, AveragePoolKernels.Backward);
            _backward(device.Stream, device.Cover(dx.Elements), Floats(dy), Floats(dx), layout, Divisor(geometry, countPadding), (int)dx.Elements);
        }

        GC.KeepAlive(dy.Buffer);
        GC.KeepAlive(dx.Buffer);
    }

    /// <summary>A view's elements from its first on.</summary>
    internal static ArrayView<float> Floats(in View view) => ((GpuBuffer)view.Buffer).Floats.SubView(view.Offset);

    /// <inheritdoc cref="Floats"/>
    internal static ArrayView<int> Ints(in View view) => ((GpuBuffer)view.Buffer).Ints.SubView(view.Offset);

    /// <summary>Whether all begin at whole words of that many elements, 2 or 4.</summary>
    internal static bool AreAligned(int word, in View a, in View b, in View c) => (a.Offset | b.Offset | c.Offset) % word == 0;

    private static int Divisor(Pool2dGeometry geometry, bool countPadding) => countPadding ? geometry.WindowH * geometry.WindowW : 0;
}
