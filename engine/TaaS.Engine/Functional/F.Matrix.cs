using TaaS.Kernels;

namespace TaaS.Engine;

public static partial class F
{
    /// <summary>Matrix product. <b>Shapes</b>: [M, K]·[K, N] → [M, N], or with a batch axis on either side, repeated where it is 1 or missing.</summary>
    /// <exception cref="ShapeException">Inner lengths or batches differ.</exception>
    public static Tensor MatMul(Tensor a, Tensor b)
    {
        var shape = ShapeRules.MatMul(a.Shape, b.Shape);
        var (left, right, device) = (Operand(a, shape), Operand(b, shape), a.Device);
        var output = Tensor.Empty(shape, device).View;
        Launcher.Run(() => device.Matrix.Multiply(left, right, output));
        return Tensor.Result(output, dy =>
        [
            a.RequiresGrad ? MatMul(dy, b.Transpose()).SumTo(a.Shape) : null,
            b.RequiresGrad ? MatMul(a.Transpose(), dy).SumTo(b.Shape) : null,
        ], a, b);
    }

    /// <summary>A fully connected layer: act(x·wᵀ + bias). <b>Shapes</b>: x: [N, in], w: [out, in], bias: [out] → [N, out].</summary>
    /// <exception cref="ShapeException">Feature counts differ.</exception>
    public static Tensor Linear(Tensor x, Tensor w, Tensor? bias = null, FusedActivation activation = FusedActivation.None)
    {
        var shape = ShapeRules.Linear(x.Shape, w.Shape, bias?.Shape);
        x = x.Contiguous();
        w = w.Contiguous();
        var (input, weight, shift, device) = (x.View, w.View, bias?.Contiguous().View, x.Device);
        var output = Tensor.Empty(shape, device).View;
        Launcher.Run(() => device.Matrix.Linear(input, weight, shift, output, activation));
        return bias is null ? Tensor.Result(output, Backward, x, w) : Tensor.Result(output, Backward, x, w, bias);

        Tensor?[] Backward(Tensor dy)
        {
            dy = ThroughActivation(activation, output, dy);
            return
            [
                x.RequiresGrad ? MatMul(dy, w) : null,
                w.RequiresGrad ? MatMul(dy.Transpose(), x) : null,
                bias is { RequiresGrad: true } ? dy.SumTo(bias.Shape) : null,
            ];
        }
    }

    /// <summary>A matrix the kernels accept: one of the last two steps is 1, and the batch axis is as long as the result's.</summary>
    private static View Operand(Tensor x, Shape result)
    {
        var view = x.View;
        var rank = view.Shape.Rank;
        if (view.Strides[rank - 1] != 1 && view.Strides[rank - 2] != 1)
        {
            x = x.Contiguous();
        }

        return result.Rank == 2 ? x.View : x.BroadcastView(new Shape(result[0], x.Shape[-2], x.Shape[-1]));
    }

    /// <summary>Gradient before a fused activation, from that after it and the activated output.</summary>
    private static Tensor ThroughActivation(FusedActivation activation, View output, Tensor dy)
    {
        dy = dy.Contiguous();
        if (activation == FusedActivation.None)
        {
            return dy;
        }

        // For relu the output tells as well as the input where the slope is 1.
        var (gradient, result, device) = (dy.View, Tensor.Empty(dy.Shape, dy.Device).View, dy.Device);
        Launcher.Run(() => device.Elementwise.UnaryBackward(UnaryOp.Relu, output, output, gradient, result));
        return new Tensor(result);
    }
}
