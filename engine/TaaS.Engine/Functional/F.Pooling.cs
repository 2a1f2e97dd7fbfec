using TaaS.Kernels;

namespace TaaS.Engine;

public static partial class F
{
    /// <summary>Largest of each window. <b>Shapes</b>: [N, C, H, W] → [N, C, H', W']. The gradient goes to the first of equals.</summary>
    /// <exception cref="ShapeException">The window does not fit.</exception>
    public static Tensor MaxPool2d(Tensor x, Pool2dGeometry geometry)
    {
        var shape = ShapeRules.Pool2d("maxpool2d", x.Shape, geometry);
        x = x.Contiguous();
        var (input, device) = (x.View, x.Device);
        var output = Tensor.Empty(shape, device).View;
        var indices = Tensor.Empty(shape, device, DType.Int32).View;
        Launcher.Run(() => device.Pooling.MaxForward(input, output, indices, geometry));
        return Tensor.Result(output, Backward, x);

        Tensor?[] Backward(Tensor dy)
        {
            var (gradient, result) = (dy.Contiguous().View, Tensor.Empty(x.Shape, device).View);
            Launcher.Run(() => device.Pooling.MaxBackward(gradient, indices, result, geometry));
            return [new Tensor(result)];
        }
    }

    /// <summary>pool(relu(x + bias)) in one pass over memory. <b>Shapes</b>: x: [N, C, H, W], bias: [C] → [N, C, H', W'].</summary>
    /// <exception cref="ShapeException">The window does not fit.</exception>
    public static Tensor BiasReluMaxPool2d(Tensor x, Tensor bias, Pool2dGeometry geometry)
    {
        var shape = ShapeRules.Pool2d("bias-relu-maxpool2d", x.Shape, geometry);
        x = x.Contiguous();
        var (input, shift, device) = (x.View, bias.Contiguous().View, x.Device);
        var output = Tensor.Empty(shape, device).View;
        var indices = Tensor.Empty(shape, device, DType.Int32).View;
        Launcher.Run(() => device.Pooling.BiasReluMaxForward(input, shift, output, indices, geometry));
        return Tensor.Result(output, Backward, x, bias);

        Tensor?[] Backward(Tensor dy)
        {
            var gradient = dy.Contiguous().View;
            var (dx, dbias) = (Tensor.Empty(x.Shape, device).View, Tensor.Empty(bias.Shape, device).View);
            Launcher.Run(() => device.Pooling.BiasReluMaxBackward(gradient, indices, dx, dbias, geometry));
            return [new Tensor(dx), new Tensor(dbias)];
        }
    }

    /// <summary>Mean of each window. <b>Shapes</b>: [N, C, H, W] → [N, C, H', W'].</summary>
    /// <exception cref="ShapeException">The window does not fit.</exception>
    public static Tensor AvgPool2d(Tensor x, Pool2dGeometry geometry, bool countPadding = true)
    {
        var shape = ShapeRules.Pool2d("avgpool2d", x.Shape, geometry);
        x = x.Contiguous();
        var (input, device) = (x.View, x.Device);
        var output = Tensor.Empty(shape, device).View;
        Launcher.Run(() => device.Pooling.AverageForward(input, output, geometry, countPadding));
        return Tensor.Result(output, Backward, x);

        Tensor?[] Backward(Tensor dy)
        {
            var (gradient, result) = (dy.Contiguous().View, Tensor.Empty(x.Shape, device).View);
            Launcher.Run(() => device.Pooling.AverageBackward(gradient, result, geometry, countPadding));
            return [new Tensor(result)];
        }
    }

    /// <summary>Mean of each whole channel. <b>Shapes</b>: [N, C, H, W] → [N, C, 1, 1].</summary>
    public static Tensor GlobalAvgPool2d(Tensor x) => x.Shape.Rank == 4
        ? AvgPool2d(x, new Pool2dGeometry(x.Shape[2], x.Shape[3], 1, 1))
        : throw new ShapeException($"global-avgpool2d: input must be [N,C,H,W], got {x.Shape}");
}
