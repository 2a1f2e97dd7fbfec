using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>One function's loops, compiled for a device when first used.</summary>
internal abstract class MapLaunch
{
    /// <summary>Runs the function over every element of y. Operand 0 of the axes is y, then a, then b; they are merged, ordered by y.</summary>
    internal abstract void Run(in MergedAxes axes, in View a, in View b, in View y, float s);
}

/// <inheritdoc/>
internal sealed class MapLaunch<TFunction>(GpuDevice device) : MapLaunch
    where TFunction : struct, IMapFunction
{
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, int>? _contiguous;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, MapLayout, int, float, int>? _wide;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, MapLayout, float, int>? _strided;

    internal override void Run(in MergedAxes axes, in View a, in View b, in View y, float s)
    {
        ArrayView<float> input = From(a), second = From(b), result = From(y);
        if (axes.Rank == 1 && IsDense(axes, y, 0) && (TFunction.Inputs < 1 || IsDense(axes, a, 1)) && (TFunction.Inputs < 2 || IsDense(axes, b, 2)))
        {
            device.Load(ref _contiguous, MapKernels.Contiguous<TFunction>);
            var length = (int)axes.Inner;
            _contiguous(device.Stream, device.Cover((length + Float4.Count - 1) / Float4.Count), input, second, result, s, length);
            return;
        }

        ReadOnlySpan<long> offsets = [y.Offset, a.Offset, b.Offset];
        if (MapLayout.TryWiden(axes, offsets[..(TFunction.Inputs + 1)], out var wide, out var spread))
        {
            device.Load(ref _wide, MapKernels.Wide<TFunction>);
            var quads = (int)(y.Elements / Float4.Count);
            _wide(device.Stream, device.Cover(quads), input, second, result, wide, spread, s, quads);
            return;
        }

        device.Load(ref _strided, MapKernels.Strided<TFunction>);
        var layout = MapLayout.Of(axes);
        foreach (var block in new OuterBlocks(axes))
        {
            _strided(
                device.Stream,
                device.Cover(block.Elements),
                TFunction.Inputs > 0 ? input.SubView(block.Offset(1)) : input,
                TFunction.Inputs > 1 ? second.SubView(block.Offset(2)) : second,
                result.SubView(block.Offset(0)),
                layout,
                s,
                block.Elements);
        }
    }

    private static ArrayView<float> From(in View view) => ((GpuBuffer)view.Buffer).Floats.SubView(view.Offset);

    private static bool IsDense(in MergedAxes axes, in View view, int operand) => (axes.Stride(operand, 0) == 1 || axes.Inner == 1) && view.Offset % Float4.Count == 0;
}
