namespace TaaS.Kernels.Gpu;

internal readonly struct IdentityFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => a;
}

internal readonly struct NegateFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => -a;
}

internal readonly struct AbsoluteFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => GpuMath.Abs(a);
}

internal readonly struct ExpFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => GpuMath.Exp(a);
}

internal readonly struct LogFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => GpuMath.Log(a);
}

internal readonly struct SqrtFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => MathF.Sqrt(a);
}

internal readonly struct ReluFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => a < 0f ? 0f : a;
}

/// <summary>The scalar is the slope below 0.</summary>
internal readonly struct LeakyReluFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => a > 0f ? a : s * a;
}

internal readonly struct GeluFunction : IMapFunction
{
    public static int Inputs => 1;

    // The limit at −inf is 0, where the product would be NaN.
    public static float Apply(float a, float b, float s) => a < float.MinValue ? 0f : a * GpuMath.NormalCdf(a, GpuMath.NormalDensity(a));
}

internal readonly struct SigmoidFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => GpuMath.Sigmoid(a);
}

internal readonly struct TanhFunction : IMapFunction
{
    public static int Inputs => 1;

    public static float Apply(float a, float b, float s) => GpuMath.Tanh(a);
}
