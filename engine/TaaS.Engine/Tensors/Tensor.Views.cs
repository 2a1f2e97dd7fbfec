using TaaS.Kernels;

namespace TaaS.Engine;

public sealed partial class Tensor
{
    /// <summary>The same elements in another shape; one length may be -1. A view where this tensor is contiguous, else a copy.</summary>
    /// <exception cref="ShapeException">Another number of elements.</exception>
    public Tensor Reshape(params ReadOnlySpan<int> lengths)
    {
        var from = Shape;
        var shape = ShapeRules.Reshape(from, lengths);
        var source = Contiguous();
        var view = source.View with { Shape = shape, Strides = shape.ContiguousStrides };
        return Result(view, dy => [dy.Reshape(from.ToArray())], source);
    }

    /// <summary>Axes in another order, a view: axis i of the result is axis <paramref name="order"/>[i] here.</summary>
    /// <exception cref="ShapeException">Not every axis named once.</exception>
    public Tensor Permute(params ReadOnlySpan<int> order)
    {
        if (order.Length != Shape.Rank)
        {
            throw new ShapeException($"permute: {Shape} has {Shape.Rank} axes, {order.Length} given");
        }

        var lengths = new int[order.Length];
        var steps = new long[order.Length];
        var inverse = new int[order.Length];
        Array.Fill(inverse, -1);
        for (var axis = 0; axis < order.Length; axis++)
        {
            var from = Shape.NormalizeAxis(order[axis]);
            if (inverse[from] >= 0)
            {
                throw new ShapeException($"permute: axis {from} of {Shape} named twice in [{string.Join(',', order.ToArray())}]");
            }

            inverse[from] = axis;
            lengths[axis] = Shape[from];
            steps[axis] = View.Strides[from];
        }

        return Result(View with { Shape = new Shape(lengths), Strides = new Strides(steps) }, dy => [dy.Permute(inverse)], this);
    }

    /// <summary>Two axes exchanged, a view; the last two unless told.</summary>
    public Tensor Transpose(int first = -2, int second = -1)
    {
        var order = new int[Shape.Rank];
        for (var axis = 0; axis < order.Length; axis++)
        {
            order[axis] = axis;
        }

        (int a, int b) = (Shape.NormalizeAxis(first), Shape.NormalizeAxis(second));
        (order[a], order[b]) = (order[b], order[a]);
        return Permute(order);
    }

    /// <summary>Positions <paramref name="start"/> to <paramref name="start"/> + <paramref name="length"/> - 1 of one axis, a view.</summary>
    /// <exception cref="ShapeException">Outside the axis.</exception>
    public Tensor Slice(int axis, int start, int length)
    {
        var along = Shape.NormalizeAxis(axis);
        if (start < 0 || length < 0 || start + length > Shape[along])
        {
            throw new ShapeException($"slice: {start}..{start + length} is outside axis {along} of {Shape}");
        }

        var lengths = Shape.ToArray();
        lengths[along] = length;
        var (whole, device) = (Shape, Device);
        var view = View with { Shape = new Shape(lengths), Offset = View.Offset + start * View.Strides[along] };
        return Result(view, Backward, this);

        Tensor?[] Backward(Tensor dy)
        {
            var dx = Full(whole, 0, device);
            var window = dx.View with { Shape = dy.Shape, Offset = start * dx.View.Strides[along] };
            var source = dy.View;
            Launcher.Run(() => device.Elementwise.Copy(source, window));
            return [dx];
        }
    }

    /// <summary>Repeats axes of length 1 (and new leading axes) to the given shape by broadcasting, a view.</summary>
    /// <exception cref="ShapeException">This shape does not broadcast to the given one.</exception>
    public Tensor Expand(Shape shape)
    {
        if (ShapeRules.Broadcast("expand", Shape, shape) != shape)
        {
            throw new ShapeException($"expand: {Shape} does not broadcast to {shape}");
        }

        var from = Shape;
        return Result(BroadcastView(shape), dy => [dy.SumTo(from)], this);
    }

    /// <summary>Drops an axis of length 1, a view.</summary>
    /// <exception cref="ShapeException">The axis is longer.</exception>
    public Tensor Squeeze(int axis)
    {
        var along = Shape.NormalizeAxis(axis);
        if (Shape[along] != 1)
        {
            throw new ShapeException($"squeeze: axis {along} of {Shape} has length {Shape[along]}, expected 1");
        }

        var lengths = Shape.ToArray().ToList();
        lengths.RemoveAt(along);
        return Reshape([.. lengths]);
    }

    /// <summary>This tensor if its elements lie row-major without gaps, else a copy where they do.</summary>
    public Tensor Contiguous()
    {
        if (View.IsContiguous)
        {
            return this;
        }

        var (source, device) = (View, Device);
        var copy = Empty(Shape, device, DType);
        var target = copy.View;
        Launcher.Run(() => device.Elementwise.Copy(source, target));
        return Result(target, static dy => [dy], this);
    }

    /// <summary>This view repeated to a shape it broadcasts to.</summary>
    internal View BroadcastView(Shape shape)
    {
        Span<long> steps = stackalloc long[shape.Rank];
        for (var axis = 1; axis <= shape.Rank; axis++)
        {
            steps[^axis] = axis <= Shape.Rank && Shape[-axis] == shape[-axis] ? View.Strides[Shape.Rank - axis] : 0;
        }

        return View with { Shape = shape, Strides = new Strides(steps) };
    }

    /// <summary>Undoes a broadcast: sums over every repeated axis.</summary>
    internal Tensor SumTo(Shape shape)
    {
        if (Shape == shape)
        {
            return this;
        }

        Span<int> kept = stackalloc int[Shape.Rank];
        for (var axis = 1; axis <= Shape.Rank; axis++)
        {
            kept[^axis] = axis <= shape.Rank ? shape[-axis] : 1;
        }

        var sum = Empty(new Shape(kept), Device);
        var (source, target, device) = (View, sum.View, Device);
        Launcher.Run(() => device.Reduction.Reduce(ReduceOp.Sum, source, target));
        return new Tensor(target with { Shape = shape, Strides = shape.ContiguousStrides });
    }
}
