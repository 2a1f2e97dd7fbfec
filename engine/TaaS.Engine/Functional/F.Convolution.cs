using TaaS.Kernels;

namespace TaaS.Engine;

public static partial class F
{
    /// <summary>2-D convolution (cross-correlation): act(x ∗ w + bias). <b>Shapes</b>: x: [N, C, H, W], w: [K, C/groups, R, S], bias: [K] → [N, K, H', W'].</summary>
    /// <exception cref="ShapeException">Channels, groups or sizes do not fit.</exception>
    public static Tensor Conv2d(Tensor x, Tensor w, Tensor? bias = null, Conv2dGeometry? geometry = null, FusedActivation activation = FusedActivation.None)
    {
        var g = geometry ?? new Conv2dGeometry();
        var shape = ShapeRules.Conv2d(x.Shape, w.Shape, bias?.Shape, g);
        x = x.Contiguous();
        w = w.Contiguous();
        var (input, weight, shift, device) = (x.View, w.View, bias?.Contiguous().View, x.Device);
        var output = Tensor.Empty(shape, device).View;
        Launcher.Run(() => device.Convolution.Forward(input, weight, shift, output, g, activation));
        return bias is null ? Tensor.Result(output, Backward, x, w) : Tensor.Result(output, Backward, x, w, bias);

        Tensor?[] Backward(Tensor dy)
        {
            var gradient = ThroughActivation(activation, output, dy).View;
            Tensor? dx = null, dw = null, dbias = null;
            if (x.RequiresGrad)
            {
                dx = Tensor.Empty(x.Shape, device);
                var result = dx.View;
                Launcher.Run(() => device.Convolution.BackwardData(gradient, weight, result, g));
            }

            if (w.RequiresGrad || bias is { RequiresGrad: true })
            {
                dw = Tensor.Empty(w.Shape, device);
                dbias = bias is { RequiresGrad: true } ? Tensor.Empty(bias.Shape, device) : null;
                var (filters, shifts) = (dw.View, dbias?.View);
                Launcher.Run(() => device.Convolution.BackwardFilter(input, gradient, filters, shifts, g));
            }

            return [dx, dw, dbias];
        }
    }
}
