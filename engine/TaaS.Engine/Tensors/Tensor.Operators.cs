using TaaS.Kernels;

namespace TaaS.Engine;

public sealed partial class Tensor
{
    /// <summary>a + b with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator +(Tensor a, Tensor b) => Binary(BinaryOp.Add, "add", a, b, dy => [dy.SumTo(a.Shape), dy.SumTo(b.Shape)]);

    /// <summary>a − b with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator -(Tensor a, Tensor b) => Binary(BinaryOp.Subtract, "subtract", a, b, dy => [dy.SumTo(a.Shape), b.RequiresGrad ? (-dy).SumTo(b.Shape) : null]);

    /// <summary>a · b, element by element, with broadcasting.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator *(Tensor a, Tensor b) => Binary(BinaryOp.Multiply, "multiply", a, b, dy =>
        [a.RequiresGrad ? (dy * b).SumTo(a.Shape) : null, b.RequiresGrad ? (dy * a).SumTo(b.Shape) : null]);

    /// <summary>a / b, element by element, with broadcasting; IEEE 754 at zero.</summary>
    /// <exception cref="ShapeException">The shapes do not broadcast.</exception>
    public static Tensor operator /(Tensor a, Tensor b) => Binary(BinaryOp.Divide, "divide", a, b, dy =>
        [a.RequiresGrad ? (dy / b).SumTo(a.Shape) : null, b.RequiresGrad ? (-(dy * a / (b * b))).SumTo(b.Shape) : null]);

    /// <summary>x + s.</summary>
    public static Tensor operator +(Tensor x, float s) => Scalar(BinaryOp.Add, x, s, dy => [dy]);

    /// <summary>x − s.</summary>
    public static Tensor operator -(Tensor x, float s) => Scalar(BinaryOp.Subtract, x, s, dy => [dy]);

    /// <summary>x · s.</summary>
    public static Tensor operator *(Tensor x, float s) => Scalar(BinaryOp.Multiply, x, s, dy => [dy * s]);

    /// <summary>s · x.</summary>
    public static Tensor operator *(float s, Tensor x) => x * s;

    /// <summary>x / s.</summary>
    public static Tensor operator /(Tensor x, float s) => Scalar(BinaryOp.Divide, x, s, dy => [dy / s]);

    /// <summary>−x.</summary>
    public static Tensor operator -(Tensor x) => Scalar(BinaryOp.Multiply, x, -1, dy => [-dy]);

    internal static Tensor Scalar(BinaryOp op, Tensor x, float s, BackwardFunction backward)
    {
        var y = Empty(x.Shape, x.Device);
        var (source, target, device) = (x.View, y.View, x.Device);
        Launcher.Run(() => device.Elementwise.BinaryScalar(op, source, s, target));
        return Result(target, backward, x);
    }

    internal static Tensor Binary(BinaryOp op, string name, Tensor a, Tensor b, BackwardFunction backward)
    {
        var y = Empty(ShapeRules.Broadcast(name, a.Shape, b.Shape), a.Device);
        var (left, right, target, device) = (a.BroadcastView(y.Shape), b.BroadcastView(y.Shape), y.View, a.Device);
        Launcher.Run(() => device.Elementwise.Binary(op, left, right, target));
        return Result(target, backward, a, b);
    }
}
