using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>Max pooling with one fusion, compiled for a device when first used.</summary>
internal sealed class MaxPoolLaunch<TFusion>(GpuDevice device)
    where TFusion : struct, IPoolFusion
{
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<int>, PoolLayout, int>? _forward;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<int>, PoolLayout, int>? _forwardHalving;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<int>, PoolLayout, int>? _forwardHalvingNarrow;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, PoolLayout, int>? _backward;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, PoolLayout, int>? _backwardHalving;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<int>, ArrayView<float>, ArrayView<float>, PoolLayout, int>? _backwardHalvingNarrow;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, int, int>? _sumShares;

    /// <summary>The bias is not read without that fusion, and may be any view.</summary>
    internal void Forward(in View x, in View bias, in View y, in View indices, Pool2dGeometry geometry)
    {
        if (y.Elements == 0)
        {
            return;
        }

        var layout = PoolLayout.Of(x.Shape, y.Shape, geometry);
        var length = (int)y.Elements;
        ArrayView<float> input = GpuPooling.Floats(x), shift = GpuPooling.Floats(bias), output = GpuPooling.Floats(y);
        if (layout.IsWideHalving && GpuPooling.AreAligned(Float4.Count, x, y, indices))
        {
            device.Load(ref _forwardHalving, MaxPoolKernels.ForwardHalving<TFusion>);
            _forwardHalving(device.Stream, device.Cover((length + Float4.Count - 1) / Float4.Count), input, shift, output, GpuPooling.Ints(indices), layout, length);
        }
        else if (layout.IsHalving && GpuPooling.AreAligned(Float2.Count, x, x, x))
        {
            device.Load(ref _forwardHalvingNarrow, MaxPoolKernels.ForwardHalvingNarrow<TFusion>);
            _forwardHalvingNarrow(device.Stream, device.Cover(length), input, shift, output, GpuPooling.Ints(indices), layout, length);
        }
        else
        {
            device.Load(ref _forward, MaxPoolKernels.Forward<TFusion>);
            _forward(device.Stream, device.Cover(length), input, shift, output, GpuPooling.Ints(indices), layout, length);
        }
    }

    /// <summary>dbias is not written without that fusion.</summary>
    internal void Backward(in View dy, in View indices, in View dx, in View? dbias, Pool2dGeometry geometry)
    {
        var layout = PoolLayout.Of(dx.Shape, dy.Shape, geometry);
        layout = TFusion.BiasRelu ? layout : layout.WithoutChannels();
        if (TFusion.BiasRelu ? layout.Channels == 0 : dx.Elements == 0)
        {
            return;
        }

        var wide = layout.IsWideHalving && layout.OutArea % Float4.Count == 0 && GpuPooling.AreAligned(Float4.Count, dx, dy, indices);
        var narrow = layout.IsHalving && GpuPooling.AreAligned(Float2.Count, dx, dx, dx);
        var cover = device.Cover(wide ? dy.Elements / Float4.Count : narrow ? dy.Elements : dx.Elements);
        var parts = Math.Max(cover.GridDim.X / layout.Channels, 1);
        var config = new KernelConfig(layout.Channels * parts, device.GroupSize);
        var sharesPerChannel = parts * device.GroupSize / device.Accelerator.WarpSize;
        ArrayView<float> gradient = GpuPooling.Floats(dy), result = GpuPooling.Floats(dx);
        var shares = TFusion.BiasRelu ? device.Scratch.Floats((long)layout.Channels * sharesPerChannel) : result;
        if (wide)
        {
            device.Load(ref _backwardHalving, MaxPoolGradientKernels.BackwardHalving<TFusion>);
            _backwardHalving(device.Stream, config, gradient, GpuPooling.Ints(indices), result, shares, layout, parts);
        }
        else if (narrow)
        {
            device.Load(ref _backwardHalvingNarrow, MaxPoolGradientKernels.BackwardHalvingNarrow<TFusion>);
            _backwardHalvingNarrow(device.Stream, config, gradient, GpuPooling.Ints(indices), result, shares, layout, parts);
        }
        else
        {
            device.Load(ref _backward, MaxPoolGradientKernels.Backward<TFusion>);
            _backward(device.Stream, config, gradient, GpuPooling.Ints(indices), result, shares, layout, parts);
        }

        if (dbias is { } total)
        {
            device.Load(ref _sumShares, MaxPoolGradientKernels.SumShares);
            var warps = device.GroupSize / device.Accelerator.WarpSize;
            _sumShares(device.Stream, new KernelConfig((layout.Channels + warps - 1) / warps, device.GroupSize), shares, GpuPooling.Floats(total), layout.Channels, sharesPerChannel);
        }
    }
}
