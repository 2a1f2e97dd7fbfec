using TaaS.Kernels;

namespace TaaS.Engine;

public static partial class F
{
    /// <summary>Sum over the given axes (all when none are given); a reduced axis keeps length 1 if <paramref name="keepAxes"/>, else goes.</summary>
    public static Tensor Sum(Tensor x, bool keepAxes, params ReadOnlySpan<int> axes) =>
        Reduce(ReduceOp.Sum, x, keepAxes, axes, (dy, _) => dy.Expand(x.Shape));

    /// <summary>Sum of all elements, shape [].</summary>
    public static Tensor Sum(Tensor x) => Sum(x, false);

    /// <summary>Mean over the given axes (all when none are given); NaN over no elements.</summary>
    public static Tensor Mean(Tensor x, bool keepAxes, params ReadOnlySpan<int> axes) =>
        Reduce(ReduceOp.Mean, x, keepAxes, axes, (dy, _) => (dy * ((float)dy.Shape.Elements / x.Shape.Elements)).Expand(x.Shape));

    /// <summary>Mean of all elements, shape [].</summary>
    public static Tensor Mean(Tensor x) => Mean(x, false);

    /// <summary>Largest over the given axes; NaN wins. Equal maxima share the gradient evenly.</summary>
    public static Tensor Max(Tensor x, bool keepAxes, params ReadOnlySpan<int> axes) => Reduce(ReduceOp.Max, x, keepAxes, axes, (dy, y) =>
    {
        var chosen = Tensor.Binary(BinaryOp.Equal, "max", x, y, static _ => []);
        var count = Tensor.Empty(y.Shape, x.Device);
        var (source, target, device) = (chosen.View, count.View, x.Device);
        Launcher.Run(() => device.Reduction.Reduce(ReduceOp.Sum, source, target));
        return chosen * (dy / count);
    });

    /// <summary>Position of the largest along one axis (Int32, the axis dropped); the first of equals. No gradient.</summary>
    public static Tensor ArgMax(Tensor x, int axis)
    {
        var along = x.Shape.NormalizeAxis(axis);
        var lengths = x.Shape.ToArray();
        if (lengths[along] == 0)
        {
            throw new ShapeException($"argmax: axis {along} of {x.Shape} is empty");
        }

        lengths[along] = 1;
        var y = Tensor.Empty(new Shape(lengths), x.Device, DType.Int32);
        var (source, target, device) = (x.View, y.View, x.Device);
        Launcher.Run(() => device.Reduction.ArgMax(source, along, target));
        return y.Squeeze(along);
    }

    /// <summary>The backward function gets dy and y, both with reduced axes of length 1.</summary>
    private static Tensor Reduce(ReduceOp op, Tensor x, bool keepAxes, ReadOnlySpan<int> axes, Func<Tensor, Tensor, Tensor> backward)
    {
        var kept = x.Shape.ToArray();
        var reduced = new bool[kept.Length];
        foreach (var axis in axes)
        {
            reduced[x.Shape.NormalizeAxis(axis)] = true;
        }

        if (axes.IsEmpty)
        {
            Array.Fill(reduced, true);
        }

        var left = new List<int>(kept.Length);
        for (var axis = 0; axis < kept.Length; axis++)
        {
            if (reduced[axis])
            {
                kept[axis] = 1;
            }

            if (keepAxes || !reduced[axis])
            {
                left.Add(kept[axis]);
            }
        }

        var y = Tensor.Empty(new Shape(kept), x.Device);
        var (source, target, device) = (x.View, y.View, x.Device);
        Launcher.Run(() => device.Reduction.Reduce(op, source, target));
        var shape = new Shape([.. left]);
        var view = target with { Shape = shape, Strides = shape.ContiguousStrides };
        return Tensor.Result(view, dy => [backward(dy.Reshape(kept), y)], x);
    }
}
