using ILGPU;
using ILGPU.Runtime;
using RowsKernel = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, TaaS.Kernels.Gpu.ReduceLayout>;

namespace TaaS.Kernels.Gpu;

/// <summary>One fold's kernels, compiled when first used, and the choice between them.</summary>
internal sealed class ReduceLaunch<TFold>(GpuDevice device)
    where TFold : struct, IFold
{
    private readonly RowsKernel?[] _rows = new RowsKernel?[4];
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ReduceLayout, int>? _columns;

    /// <summary>y = the fold over the axes where y has length 1, divided by the divisor. There is something to fold.</summary>
    internal void Run(in View x, in View y, float divisor)
    {
        var axes = new MergedAxes(x.Shape);
        Span<long> steps = stackalloc long[x.Shape.Rank];
        for (var axis = 0; axis < steps.Length; axis++)
        {
            steps[axis] = y.Shape[axis] == 1 ? 0 : y.Strides[axis];
        }

        axes.Add(new Strides(steps));
        axes.Add(x.Strides);
        axes.Merge(orderedBy: 1);
        axes.Split(operand: 0, out var kept, out var reduced);
        var layout = new ReduceLayout
        {
            Source = AxisWalk.Of(kept, 1),
            Reduced = AxisWalk.Of(reduced, 1),
            Target = AxisWalk.Of(kept, 0),
            Outputs = (int)y.Elements,
            Length = (int)(x.Elements / y.Elements),
            Divisor = divisor,
        };
        Launch(layout, GpuBuffer.FloatsOf(x), GpuBuffer.FloatsOf(y), inner: axes.InnerStride(0) == 0, quads: x.Offset % Float4.Count == 0 && HasWholePacks(kept, reduced));
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    /// <summary>The first of y = the fold of that many floats in a row, from a 16-byte address on, divided by the divisor.</summary>
    internal void Run(ArrayView<float> x, int length, ArrayView<float> y, float divisor)
    {
        var layout = new ReduceLayout { Source = AxisWalk.Dense, Reduced = AxisWalk.Dense, Target = AxisWalk.Dense, Outputs = 1, Length = length, Divisor = divisor };
        Launch(layout, x, y, inner: true, quads: true);
    }

    private static bool HasWholePacks(in MergedAxes kept, in MergedAxes reduced)
    {
        if (reduced.InnerStride(1) != 1 || (reduced.Rank > 1 && reduced.Inner % Float4.Count != 0))
        {
            return false;
        }

        for (var axis = 0; axis < reduced.Rank - 1; axis++)
        {
            if (reduced.Stride(1, axis) % Float4.Count != 0)
            {
                return false;
            }
        }

        for (var axis = 0; axis < kept.Rank; axis++)
        {
            if (kept.Length(axis) != 1 && kept.Stride(1, axis) % Float4.Count != 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>By rows where the innermost axis is reduced, by columns otherwise and where an output has few elements.</summary>
    private void Launch(in ReduceLayout layout, ArrayView<float> x, ArrayView<float> y, bool inner, bool quads)
    {
        if (inner && layout.Length >= TeamPlan.FewElements)
        {
            Rows(layout, x, y, quads);
        }
        else
        {
            Columns(layout, x, y);
        }
    }

    private void Rows(ReduceLayout layout, ArrayView<float> x, ArrayView<float> y, bool quads)
    {
        var split = Split.Of(device, layout.Outputs, layout.Length, device.GroupSize * Float4.Count);
        (layout.Splits, layout.Chunk) = (split.Count, split.Chunk);
        if (split.Count == 1)
        {
            LaunchRows(layout, x, y, quads);
            return;
        }

        var partials = device.Scratch.Floats((long)layout.Outputs * split.Count);
        LaunchRows(layout with { Target = AxisWalk.Dense, Divisor = 1 }, x, partials, quads);
        var rest = layout with
        {
            Source = AxisWalk.Line(split.Count),
            Reduced = AxisWalk.Dense,
            Length = split.Count,
            Splits = 1,
            Chunk = split.Count,
        };
        LaunchRows(rest, partials, y, quads: layout.Outputs == 1 || split.Count % Float4.Count == 0);
    }

    private void LaunchRows(in ReduceLayout layout, ArrayView<float> x, ArrayView<float> y, bool quads)
    {
        var plan = TeamPlan.Of(device, (long)layout.Outputs * layout.Splits, layout.Chunk);
        ref var kernel = ref _rows[RowAlignment.Variant(plan, quads)];
        kernel ??= (plan.ByWarp, quads) switch
        {
            (true, true) => Load(ReduceKernels.Rows<TFold, WarpTeam, CutQuadSource>),
            (true, false) => Load(ReduceKernels.Rows<TFold, WarpTeam, SingleAccess>),
            (false, true) => Load(ReduceKernels.Rows<TFold, GroupTeam, CutQuadSource>),
            (false, false) => Load(ReduceKernels.Rows<TFold, GroupTeam, SingleAccess>),
        };
        kernel(device.Stream, plan.Config, x, y, layout);
    }

    private void Columns(ReduceLayout layout, ArrayView<float> x, ArrayView<float> y)
    {
        var width = ColumnTiles.Width(device, layout.Outputs);
        var tiles = (layout.Outputs + width - 1) / width;
        var split = Split.Of(device, tiles, layout.Length, device.GroupSize / width * ReduceKernels.RowsAtOnce);
        (layout.Splits, layout.Chunk) = (split.Count, split.Chunk);
        if (split.Count == 1)
        {
            LaunchColumns(layout, x, y, width);
            return;
        }

        var partials = device.Scratch.Floats((long)layout.Outputs * split.Count);
        LaunchColumns(layout with { Target = AxisWalk.Dense, Divisor = 1 }, x, partials, width);
        var rest = layout with
        {
            Source = AxisWalk.Dense,
            Reduced = AxisWalk.Line(layout.Outputs),
            Length = split.Count,
            Splits = 1,
            Chunk = split.Count,
        };
        LaunchColumns(rest, partials, y, width);
    }

    private void LaunchColumns(in ReduceLayout layout, ArrayView<float> x, ArrayView<float> y, int width)
    {
        device.Load(ref _columns, ReduceKernels.Columns<TFold>);
        var tiles = (layout.Outputs + width - 1) / width;
        _columns(device.Stream, new KernelConfig(TeamPlan.Groups(device, (long)tiles * layout.Splits, device.GroupSize), device.GroupSize), x, y, layout, width);
    }

    private RowsKernel Load(Action<ArrayView<float>, ArrayView<float>, ReduceLayout> kernel) =>
        device.Load<RowsKernel>(kernel);
}
