using System.Numerics;

namespace TaaS.Kernels.Cpu;

internal readonly struct IdentityOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a;
}

internal readonly struct NegateOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => -a;
}

internal readonly struct AbsoluteOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => Vector.Abs(a);
}

/// <summary>a²: the power everyone takes.</summary>
internal readonly struct SquareOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a * a;
}

internal readonly struct ExpOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Heavy;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => SimdMath.Exp(a);
}

internal readonly struct LogOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Heavy;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => Vector.Log(a);
}

internal readonly struct SqrtOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => Vector.SquareRoot(a);
}

internal readonly struct ReluOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Light;

    // Asks what is to be cleared, not what is to be kept: NaN stays.
    public Vector<float> Apply(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.LessThan(a, Vector<float>.Zero), Vector<float>.Zero, a);
}

internal readonly struct LeakyReluOperator(float alpha) : IMapOperator
{
    private readonly Vector<float> _alpha = new(alpha);

    public static int Inputs => 1;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.GreaterThan(a, Vector<float>.Zero), a, _alpha * a);
}

internal readonly struct GeluOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Heavy;

    // Below -20 the product is 0 in single precision, at -inf by its limit.
    public Vector<float> Apply(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.LessThan(a, new Vector<float>(-20f)), Vector<float>.Zero, a * SimdMath.NormalCdf(a, out _));
}

internal readonly struct SigmoidOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Heavy;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => SimdMath.Sigmoid(a);
}

internal readonly struct TanhOperator : IMapOperator
{
    public static int Inputs => 1;

    public static int Grain => MapGrain.Heavy;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => SimdMath.Tanh(a);
}
