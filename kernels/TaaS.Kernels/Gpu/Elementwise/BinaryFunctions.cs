namespace TaaS.Kernels.Gpu;

internal readonly struct AddFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a + b;
}

internal readonly struct SubtractFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a - b;
}

internal readonly struct MultiplyFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a * b;
}

internal readonly struct DivideFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a / b;
}

internal readonly struct MaximumFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => GpuMath.Max(a, b);
}

internal readonly struct MinimumFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => GpuMath.Min(a, b);
}

internal readonly struct PowerFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => GpuMath.Power(a, b);
}

internal readonly struct GreaterFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a > b ? 1f : 0f;
}

internal readonly struct EqualFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a == b ? 1f : 0f;
}

/// <summary>A binary function whose second operand is the scalar.</summary>
internal readonly struct WithScalar<TFunction> : IMapFunction
    where TFunction : struct, IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => TFunction.Apply(a, s, 0f);
}

/// <summary>y + s·x, y given first.</summary>
internal readonly struct AxpyFunction : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => s * b + a;
}

/// <summary>The scalar itself.</summary>
internal readonly struct FillFunction : IMapFunction
{
    public static int Inputs => 0;

    public static float Apply(float a, float b, float s) => s;
}
