using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>Plans and launches products of any operands; what matrix products and convolutions share.</summary>
internal sealed class Products(GpuDevice device, ProductPlanner planner)
{
    private readonly GpuScratch _parts = new(device);
    private readonly Dictionary<Type, Delegate> _addParts = [];

    /// <summary>target = left · right. <b>Shapes</b>: [batches, rows, terms] · [batches, terms, columns]. Nothing is launched where the result is empty.</summary>
    internal void Run<TLeft, TRight, TTarget>(TLeft left, TRight right, TTarget target, int rows, int columns, int terms, int batches)
        where TLeft : struct, IOperand
        where TRight : struct, IOperand
        where TTarget : struct, ITarget
    {
        if (rows == 0 || columns == 0 || batches == 0)
        {
            return;
        }

        var plan = planner.Choose(rows, columns, terms, batches);
        if (plan.Grid.Parts == 1)
        {
            plan.Tile.Launch(left, right, target, plan.Grid);
            return;
        }

        var (parts, shape) = PartsOf(plan.Grid.Parts, rows, columns, batches);
        plan.Tile.Launch(left, right, PartsTarget(parts, shape, columns), plan.Grid);
        AddParts(parts, target, shape);
    }

    /// <summary>Memory for the results of parts, until the next call.</summary>
    internal (ArrayView<float> Values, PartsShape Shape) PartsOf(int parts, int rows, int columns, int batches)
    {
        var shape = new PartsShape { Parts = parts, Rows = rows, RowQuads = (columns + Float4.Count - 1) / Float4.Count };
        shape.Quads = checked(shape.RowQuads * rows * batches);
        return (_parts.Floats((long)shape.Quads * Float4.Count * parts), shape);
    }

    /// <summary>Adds up the parts, always in the same order, and hands the sums to the target.</summary>
    internal void AddParts<TTarget>(ArrayView<float> parts, TTarget target, in PartsShape shape)
        where TTarget : struct, ITarget
    {
        if (!_addParts.TryGetValue(typeof(TTarget), out var launch))
        {
            _addParts[typeof(TTarget)] = launch = device.Load<Action<AcceleratorStream, KernelConfig, ArrayView<Float4>, TTarget, PartsShape>>(ProductKernels.AddParts<TTarget>);
        }

        var quadsPerGroup = device.GroupSize / PartsShape.Sharers;
        ((Action<AcceleratorStream, KernelConfig, ArrayView<Float4>, TTarget, PartsShape>)launch)(
            device.Stream, new KernelConfig((shape.Quads + quadsPerGroup - 1) / quadsPerGroup, device.GroupSize), parts.Cast<Float4>(), target, shape);
    }

    private static MatrixTarget PartsTarget(ArrayView<float> parts, in PartsShape shape, int columns) => new()
    {
        Result = parts,
        Bias = parts,
        Rows = shape.Rows,
        Columns = columns,
        RowStep = shape.RowQuads * Float4.Count,
        BatchStep = shape.Rows * shape.RowQuads * Float4.Count,
        Alpha = 1,
        Aligned = 1,
    };
}
