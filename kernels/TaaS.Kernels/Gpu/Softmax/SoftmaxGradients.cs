namespace TaaS.Kernels.Gpu;

/// <summary>A softmax's gradient: a sum over the row, then each element.</summary>
internal interface ISoftmaxGradient
{
    /// <summary>What is summed.</summary>
    static abstract float Term(float y, float dy);

    static abstract float Apply(float y, float dy, float sum);
}

/// <summary>y · (dy − Σ dy·y).</summary>
internal readonly struct SoftmaxGradient : ISoftmaxGradient
{
    public static float Term(float y, float dy) => y * dy;

    public static float Apply(float y, float dy, float sum) => y * (dy - sum);
}

/// <summary>dy − eʸ · Σ dy.</summary>
internal readonly struct LogSoftmaxGradient : ISoftmaxGradient
{
    public static float Term(float y, float dy) => dy;

    public static float Apply(float y, float dy, float sum) => dy - GpuMath.Exp(y) * sum;
}
