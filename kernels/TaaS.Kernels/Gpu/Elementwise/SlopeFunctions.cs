namespace TaaS.Kernels.Gpu;

// Gradients: a is dy, b is the one of x and y that the slope is made of.

internal readonly struct AbsoluteSlope : IMapFunction
{
    public static int Inputs => 2;

    // b itself where it is neither side of 0: 0, or NaN.
    public static float Apply(float a, float b, float s) => a * (b > 0f ? 1f : b < 0f ? -1f : b);
}

internal readonly struct SqrtSlope : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a * (0.5f / b);
}

/// <summary>Relu (scalar 0) and leaky relu.</summary>
internal readonly struct ReluSlope : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a * (b > 0f ? 1f : s);
}

/// <summary>Φ(x) + x·φ(x).</summary>
internal readonly struct GeluSlope : IMapFunction
{
    private const float InverseRootTwoPi = 0.398942280f;

    public static int Inputs => 2;

    // At infinity the density's 0 would meet it; the limits are 0 and 1.
    public static float Apply(float a, float b, float s)
    {
        var density = GpuMath.NormalDensity(b);
        var slope = GpuMath.NormalCdf(b, density) + b * density * InverseRootTwoPi;
        return a * (b < -20f ? 0f : b > 20f ? 1f : slope);
    }
}

internal readonly struct SigmoidSlope : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a * (b * (1f - b));
}

internal readonly struct TanhSlope : IMapFunction
{
    public static int Inputs => 2;

    public static float Apply(float a, float b, float s) => a * (1f - b * b);
}
