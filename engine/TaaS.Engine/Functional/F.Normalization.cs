using TaaS.Kernels;

namespace TaaS.Engine;

public static partial class F
{
    /// <summary>
    /// Batch normalisation by the batch's own statistics, moving the running ones. <b>Shapes</b>: x: [N, C, H, W]; all others: [C] → as x.
    /// <b>Source</b>: arXiv:1502.03167, algorithm 1.
    /// </summary>
    /// <exception cref="ShapeException">Channel counts differ.</exception>
    public static Tensor BatchNorm2d(Tensor x, Tensor gamma, Tensor beta, Tensor runningMean, Tensor runningVariance, float momentum = 0.1f, float epsilon = 1e-5f)
    {
        ShapeRules.BatchNorm(x.Shape, gamma.Shape);
        x = x.Contiguous();
        var (device, input, scale, shift) = (x.Device, x.View, gamma.View, beta.View);
        var (movingMean, movingVariance) = (runningMean.View, runningVariance.View);
        var output = Tensor.Empty(x.Shape, device).View;
        var (mean, inverse) = (Tensor.Empty(gamma.Shape, device).View, Tensor.Empty(gamma.Shape, device).View);
        Launcher.Run(() => device.Normalization.BatchForward(input, scale, shift, movingMean, movingVariance, output, mean, inverse, momentum, epsilon));
        return Tensor.Result(output, Backward, x, gamma, beta);

        Tensor?[] Backward(Tensor dy)
        {
            var (gradient, dx) = (dy.Contiguous().View, Tensor.Empty(x.Shape, device).View);
            var (dgamma, dbeta) = (Tensor.Empty(gamma.Shape, device).View, Tensor.Empty(gamma.Shape, device).View);
            Launcher.Run(() => device.Normalization.BatchBackward(input, scale, mean, inverse, gradient, dx, dgamma, dbeta));
            return [new Tensor(dx), new Tensor(dgamma), new Tensor(dbeta)];
        }
    }

    /// <summary>Batch normalisation by fixed statistics, for inference. No gradient. <b>Shapes</b>: as <see cref="BatchNorm2d"/>.</summary>
    /// <exception cref="ShapeException">Channel counts differ.</exception>
    public static Tensor BatchNorm2dInference(Tensor x, Tensor gamma, Tensor beta, Tensor mean, Tensor variance, float epsilon = 1e-5f)
    {
        ShapeRules.BatchNorm(x.Shape, gamma.Shape);
        var (device, input, scale, shift) = (x.Device, x.Contiguous().View, gamma.View, beta.View);
        var (center, spread, output) = (mean.View, variance.View, Tensor.Empty(x.Shape, x.Device).View);
        Launcher.Run(() => device.Normalization.BatchInference(input, scale, shift, center, spread, output, epsilon));
        return new Tensor(output);
    }

    /// <summary>Normalises the last axis. <b>Shapes</b>: x: [.., D]; gamma, beta: [D] → as x. <b>Source</b>: arXiv:1607.06450.</summary>
    /// <exception cref="ShapeException">The last axis differs from gamma's length.</exception>
    public static Tensor LayerNorm(Tensor x, Tensor gamma, Tensor beta, float epsilon = 1e-5f)
    {
        var rows = ShapeRules.LayerNorm(x.Shape, gamma.Shape);
        x = x.Contiguous();
        var (shape, device, scale, shift) = (x.Shape, x.Device, gamma.View, beta.View);
        var (input, output) = (AsRows(x.View, rows), AsRows(Tensor.Empty(shape, device).View, rows));
        var each = new Shape(rows[0]);
        var (mean, inverse) = (Tensor.Empty(each, device).View, Tensor.Empty(each, device).View);
        Launcher.Run(() => device.Normalization.LayerForward(input, scale, shift, output, mean, inverse, epsilon));
        return Tensor.Result(AsRows(output, shape), Backward, x, gamma, beta);

        Tensor?[] Backward(Tensor dy)
        {
            var (gradient, dx) = (AsRows(dy.Contiguous().View, rows), AsRows(Tensor.Empty(shape, device).View, rows));
            var (dgamma, dbeta) = (Tensor.Empty(gamma.Shape, device).View, Tensor.Empty(gamma.Shape, device).View);
            Launcher.Run(() => device.Normalization.LayerBackward(input, scale, mean, inverse, gradient, dx, dgamma, dbeta));
            return [new Tensor(AsRows(dx, shape)), new Tensor(dgamma), new Tensor(dbeta)];
        }
    }
}
