using TaaS.Kernels;

namespace TaaS.Engine;

public static partial class F
{
    /// <summary>Softmax over the last axis.</summary>
    public static Tensor Softmax(Tensor x) => OverRows("softmax", x,
        (device, input, output) => device.Softmax.Softmax(input, output),
        (device, output, gradient, result) => device.Softmax.SoftmaxBackward(output, gradient, result));

    /// <summary>Logarithm of softmax over the last axis.</summary>
    public static Tensor LogSoftmax(Tensor x) => OverRows("log-softmax", x,
        (device, input, output) => device.Softmax.LogSoftmax(input, output),
        (device, output, gradient, result) => device.Softmax.LogSoftmaxBackward(output, gradient, result));

    /// <summary>Mean of −log softmax(logits)[label]. <b>Shapes</b>: logits: [N, classes], labels: Int32 [N] in 0..classes−1 → [].</summary>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor CrossEntropy(Tensor logits, Tensor labels)
    {
        ShapeRules.CrossEntropy(logits.Shape, labels.Shape);
        logits = logits.Contiguous();
        var (input, target, device) = (logits.View, labels.Contiguous().View, logits.Device);
        var loss = Tensor.Empty(Shape.Scalar, device).View;
        var gradient = Tensor.Empty(logits.Shape, device);
        var dlogits = gradient.View;
        Launcher.Run(() => device.Softmax.CrossEntropy(input, target, loss, dlogits));
        return Tensor.Result(loss, dy => [gradient * dy], logits);
    }

    /// <summary>Mean of −x[row, label], for log-probabilities. <b>Shapes</b>: x: [N, classes], labels: Int32 [N] → [].</summary>
    /// <exception cref="ShapeException">The shapes do not fit.</exception>
    public static Tensor NllLoss(Tensor logProbabilities, Tensor labels)
    {
        ShapeRules.CrossEntropy(logProbabilities.Shape, labels.Shape);
        return -Mean(Sum(logProbabilities * OneHot(labels, logProbabilities.Shape[1]), false, 1));
    }

    /// <summary>Mean of (x − target)². <b>Shapes</b>: equal → [].</summary>
    /// <exception cref="ShapeException">The shapes differ.</exception>
    public static Tensor MseLoss(Tensor x, Tensor target)
    {
        ShapeRules.Same("mse-loss", x.Shape, target.Shape);
        var difference = x - target;
        return Mean(difference * difference);
    }

    /// <summary>1 at each row's label, else 0. <b>Shapes</b>: Int32 [N] → [N, classes]. No gradient.</summary>
    private static Tensor OneHot(Tensor labels, int classes)
    {
        var (result, source) = (Tensor.Empty(new Shape(labels.Shape[0], classes), labels.Device), labels.Contiguous().View);
        var (target, device) = (result.View, labels.Device);
        Launcher.Run(() => device.Elementwise.OneHot(source, target));
        return result;
    }

    private static Tensor OverRows(string op, Tensor x, Action<Device, View, View> forward, Action<Device, View, View, View> backward)
    {
        var rows = ShapeRules.Rows(op, x.Shape);
        x = x.Contiguous();
        var (shape, device) = (x.Shape, x.Device);
        var input = AsRows(x.View, rows);
        var output = AsRows(Tensor.Empty(shape, device).View, rows);
        Launcher.Run(() => forward(device, input, output));
        return Tensor.Result(AsRows(output, shape), Backward, x);

        Tensor?[] Backward(Tensor dy)
        {
            var gradient = AsRows(dy.Contiguous().View, rows);
            var result = AsRows(Tensor.Empty(shape, device).View, rows);
            Launcher.Run(() => backward(device, output, gradient, result));
            return [new Tensor(AsRows(result, shape))];
        }
    }

    private static View AsRows(View contiguous, Shape shape) => contiguous with { Shape = shape, Strides = shape.ContiguousStrides };
}
