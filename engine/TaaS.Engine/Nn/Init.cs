using TaaS.Kernels;

namespace TaaS.Engine.Nn;

/// <summary>Initial values of parameters, in place. Fans are counted from the shape: [out, in] or [K, C/groups, R, S].</summary>
public static class Init
{
    /// <summary>Uniform in ±√(6 / ((1 + slope²)·fanIn)). <b>Source</b>: He et al. 2015, arXiv:1502.01852.</summary>
    public static Tensor KaimingUniform(Tensor w, Generator generator, float slope = 0)
    {
        var bound = MathF.Sqrt(6f / ((1 + slope * slope) * Fans(w.Shape).In));
        return Uniform(w, -bound, bound, generator);
    }

    /// <summary>Normal with deviation √(2 / ((1 + slope²)·fanIn)). <b>Source</b>: He et al. 2015, arXiv:1502.01852.</summary>
    public static Tensor KaimingNormal(Tensor w, Generator generator, float slope = 0) =>
        Normal(w, 0, MathF.Sqrt(2f / ((1 + slope * slope) * Fans(w.Shape).In)), generator);

    /// <summary>Uniform in ±√(6 / (fanIn + fanOut)). <b>Source</b>: Glorot and Bengio 2010, AISTATS.</summary>
    public static Tensor XavierUniform(Tensor w, Generator generator)
    {
        var (fanIn, fanOut) = Fans(w.Shape);
        var bound = MathF.Sqrt(6f / (fanIn + fanOut));
        return Uniform(w, -bound, bound, generator);
    }

    /// <summary>Normal with deviation √(2 / (fanIn + fanOut)). <b>Source</b>: Glorot and Bengio 2010, AISTATS.</summary>
    public static Tensor XavierNormal(Tensor w, Generator generator)
    {
        var (fanIn, fanOut) = Fans(w.Shape);
        return Normal(w, 0, MathF.Sqrt(2f / (fanIn + fanOut)), generator);
    }

    /// <summary>Uniform in [low, high).</summary>
    public static Tensor Uniform(Tensor w, float low, float high, Generator generator)
    {
        w.Device.Random.Uniform(w.View, low, high, generator.Seed, generator.Reserve(w.Shape.Elements));
        return w;
    }

    /// <summary>Normal.</summary>
    public static Tensor Normal(Tensor w, float mean, float deviation, Generator generator)
    {
        w.Device.Random.Normal(w.View, mean, deviation, generator.Seed, generator.Reserve(w.Shape.Elements));
        return w;
    }

    private static (int In, int Out) Fans(Shape w)
    {
        if (w.Rank < 2)
        {
            throw new ShapeException($"init: fans need a weight of at least two axes, got {w}");
        }

        var taps = (int)(w.Elements / Math.Max(1, w[0] * w[1]));
        return (w[1] * taps, w[0] * taps);
    }
}
