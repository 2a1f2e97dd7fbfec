using System.Numerics;

namespace TaaS.Kernels.Cpu;

internal readonly struct AddOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a + b;
}

internal readonly struct SubtractOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a - b;
}

internal readonly struct MultiplyOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a * b;
}

internal readonly struct DivideOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => a / b;
}

internal readonly struct MaximumOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => Vector.Max(a, b);
}

internal readonly struct MinimumOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => Vector.Min(a, b);
}

/// <summary>The runtime's own power, number by number: the many special cases of IEEE 754 leave little to gain.</summary>
internal readonly struct PowerOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Heavy;

    public Vector<float> Apply(Vector<float> a, Vector<float> b)
    {
        for (var i = 0; i < Vector<float>.Count; i++)
        {
            a = a.WithElement(i, (float)Math.Pow(a[i], b[i]));
        }

        return a;
    }
}

internal readonly struct GreaterOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.GreaterThan(a, b), Vector<float>.One, Vector<float>.Zero);
}

internal readonly struct EqualOperator : IMapOperator
{
    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) =>
        Vector.ConditionalSelect(Vector.Equals(a, b), Vector<float>.One, Vector<float>.Zero);
}

/// <summary>alpha·a + b.</summary>
internal readonly struct AxpyOperator(float alpha) : IMapOperator
{
    private readonly Vector<float> _alpha = new(alpha);

    public static int Inputs => 2;

    public static int Grain => MapGrain.Light;

    public Vector<float> Apply(Vector<float> a, Vector<float> b) => Vector.FusedMultiplyAdd(_alpha, a, b);
}
