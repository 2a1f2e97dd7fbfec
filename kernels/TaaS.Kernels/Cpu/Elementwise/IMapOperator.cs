using System.Numerics;

namespace TaaS.Kernels.Cpu;

/// <summary>A function of one or two numbers, written once for whole vectors. A struct, so that every loop is compiled for its own operator.</summary>
internal interface IMapOperator
{
    /// <summary>How many of the inputs it reads: 1 or 2.</summary>
    static abstract int Inputs { get; }

    /// <summary>Elements that are worth waking another thread for: <see cref="MapGrain"/>.</summary>
    static abstract int Grain { get; }

    /// <summary>The function, lane by lane.</summary>
    Vector<float> Apply(Vector<float> a, Vector<float> b);
}

/// <summary>Elements that make a part of some ten microseconds.</summary>
internal static class MapGrain
{
    /// <summary>Bound by memory: a few instructions an element.</summary>
    public const int Light = 32 * 1024;

    /// <summary>Bound by arithmetic: exponentials and the like.</summary>
    public const int Heavy = 4 * 1024;
}
