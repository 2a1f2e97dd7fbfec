using System.Numerics;

namespace TaaS.Kernels.Cpu;

// Gradients: a is dy, b is the one of x and y that the slope is made of.

internal readonly struct AbsoluteSlope : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    // b itself where it is neither side of 0: 0, or NaN.
    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a * Vector.ConditionalSelect(
        Vector.GreaterThan(b, Vector<float>.Zero),
        Vector<float>.One,
        Vector.ConditionalSelect(Vector.LessThan(b, Vector<float>.Zero), -Vector<float>.One, b));
}

internal readonly struct SqrtSlope : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a * (new Vector<float>(0.5f) / b);
}

/// <summary>Relu (alpha 0) and leaky relu.</summary>
internal readonly struct ReluSlope(float alpha) : IMapOperator
{
    private readonly Vector<float> _alpha = new(alpha);

    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) =>
        a * Vector.ConditionalSelect(Vector.GreaterThan(b, Vector<float>.Zero), Vector<float>.One, _alpha);
}

/// <summary>Φ(x) + x·φ(x).</summary>
internal readonly struct GeluSlope : IMapOperator
{
    private const float InverseRootTwoPi = 0.398942280f;

    public static int Inputs => 2;

    public static int Grain => MapGrain.Heavy;

    public Vector<float> Apply(Vector<float> a, Vector<float> b)
    {
        var slope = SimdMath.NormalCdf(b, out var density);
        slope += b * density * new Vector<float>(InverseRootTwoPi);

        // At infinity the density's 0 would meet it; the limits are 0 and 1.
        slope = Vector.ConditionalSelect(Vector.LessThan(b, new Vector<float>(-20f)), Vector<float>.Zero, slope);
        return a * Vector.ConditionalSelect(Vector.GreaterThan(b, new Vector<float>(20f)), Vector<float>.One, slope);
    }
}

internal readonly struct SigmoidSlope : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a * (b * (Vector<float>.One - b));
}

internal readonly struct TanhSlope : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a * (Vector<float>.One - b * b);
}
