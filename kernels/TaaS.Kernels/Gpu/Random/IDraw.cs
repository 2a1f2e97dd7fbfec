namespace TaaS.Kernels.Gpu;

/// <summary>What becomes of four uniform numbers in [0, 1). A kernel argument: plain fields only.</summary>
internal interface IDraw
{
    /// <summary>Whether it reads an input.</summary>
    static abstract bool Reads { get; }

    /// <summary>Four results of four uniform numbers and, where it reads them, four inputs.</summary>
    Float4 Apply(Float4 uniform, Float4 x);
}

/// <summary>Uniform in [low, low + range).</summary>
internal readonly struct UniformDraw(float low, float range) : IDraw
{
    private readonly float _low = low;
    private readonly float _range = range;

    public static bool Reads => false;

    public Float4 Apply(Float4 uniform, Float4 x) =>
        new(_low + _range * uniform.X, _low + _range * uniform.Y, _low + _range * uniform.Z, _low + _range * uniform.W);
}

/// <summary>Normal, by Box and Muller 1958 (doi:10.1214/aoms/1177706645).</summary>
internal readonly struct NormalDraw(float mean, float deviation) : IDraw
{
    private readonly float _mean = mean;
    private readonly float _deviation = deviation;

    public static bool Reads => false;

    public Float4 Apply(Float4 uniform, Float4 x)
    {
        float first = _deviation * Radius(uniform.X), second = _deviation * Radius(uniform.Z);
        var (cos, sin) = GpuMath.CosSinOfTurns(uniform.Y);
        var (nextCos, nextSin) = GpuMath.CosSinOfTurns(uniform.W);
        return new Float4(_mean + first * cos, _mean + first * sin, _mean + second * nextCos, _mean + second * nextSin);
    }

    private static float Radius(float uniform) => MathF.Sqrt(-2f * GpuMath.Log(1f - uniform));
}

/// <summary>Zero below p, scaled up elsewhere.</summary>
internal readonly struct DropoutDraw(float p) : IDraw
{
    private readonly float _p = p;
    private readonly float _scale = 1 / (1 - p);

    public static bool Reads => true;

    public Float4 Apply(Float4 uniform, Float4 x) =>
        new(Keep(uniform.X, x.X), Keep(uniform.Y, x.Y), Keep(uniform.Z, x.Z), Keep(uniform.W, x.W));

    private float Keep(float uniform, float x) => uniform >= _p ? x * _scale : 0f;
}
