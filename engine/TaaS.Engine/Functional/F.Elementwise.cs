using TaaS.Kernels;

namespace TaaS.Engine;

/// <summary>Operations on tensors, differentiable unless they say otherwise. Inputs of one call lie on one device.</summary>
public static partial class F
{
    /// <summary>max(x, 0); NaN stays NaN, the slope at 0 is 0.</summary>
    public static Tensor Relu(Tensor x) => Unary(UnaryOp.Relu, x);

    /// <summary>x where x &gt; 0, else slope·x.</summary>
    public static Tensor LeakyRelu(Tensor x, float slope = 0.01f) => Unary(UnaryOp.LeakyRelu, x, slope);

    /// <summary>x·Φ(x), exact. <b>Source</b>: arXiv:1606.08415.</summary>
    public static Tensor Gelu(Tensor x) => Unary(UnaryOp.Gelu, x);

    /// <summary>1 / (1 + e⁻ˣ).</summary>
    public static Tensor Sigmoid(Tensor x) => Unary(UnaryOp.Sigmoid, x);

    /// <summary>Hyperbolic tangent.</summary>
    public static Tensor Tanh(Tensor x) => Unary(UnaryOp.Tanh, x);

    /// <summary>eˣ.</summary>
    public static Tensor Exp(Tensor x) => Unary(UnaryOp.Exp, x);

    /// <summary>Natural logarithm.</summary>
    public static Tensor Log(Tensor x) => Unary(UnaryOp.Log, x);

    /// <summary>Square root.</summary>
    public static Tensor Sqrt(Tensor x) => Unary(UnaryOp.Sqrt, x);

    /// <summary>|x|; the slope at 0 is 0.</summary>
    public static Tensor Abs(Tensor x) => Unary(UnaryOp.Absolute, x);

    /// <summary>x to a constant power.</summary>
    public static Tensor Pow(Tensor x, float exponent) =>
        Tensor.Scalar(BinaryOp.Power, x, exponent, dy => [dy * (exponent * Pow(x, exponent - 1))]);

    /// <summary>The larger of each pair, with broadcasting; where they are equal the gradient goes to <paramref name="b"/>.</summary>
    public static Tensor Maximum(Tensor a, Tensor b) => Tensor.Binary(BinaryOp.Maximum, "maximum", a, b, dy =>
    {
        var first = Tensor.Binary(BinaryOp.Greater, "maximum", a, b, static _ => []);
        return [(dy * first).SumTo(a.Shape), (dy * (-first + 1f)).SumTo(b.Shape)];
    });

    private static Tensor Unary(UnaryOp op, Tensor x, float alpha = 0.01f)
    {
        var (device, input) = (x.Device, x.View);
        var output = Tensor.Empty(x.Shape, device).View;
        Launcher.Run(() => device.Elementwise.Unary(op, input, output, alpha));
        return Tensor.Result(output, Backward, x);

        Tensor?[] Backward(Tensor dy)
        {
            var (gradient, result) = (dy.View, Tensor.Empty(x.Shape, device).View);
            Launcher.Run(() => device.Elementwise.UnaryBackward(op, input, output, gradient, result, alpha));
            return [new Tensor(result)];
        }
    }
}
