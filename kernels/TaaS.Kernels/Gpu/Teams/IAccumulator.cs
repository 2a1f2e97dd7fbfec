namespace TaaS.Kernels.Gpu;

/// <summary>What threads gather, one each, and fold together. Combining is associative but for rounding, so a fixed order gives fixed bits.</summary>
internal interface IAccumulator<T>
    where T : unmanaged, IAccumulator<T>
{
    /// <summary>Whether the order of what is combined leaves the bits as they are.</summary>
    static abstract bool IsSymmetric { get; }

    /// <summary>What nothing was added to.</summary>
    static abstract T Empty { get; }

    /// <summary>Both together, a's elements before b's.</summary>
    static abstract T Combine(T a, T b);

    /// <summary>What the lane whose number differs in the mask's bit holds. Every lane of the warp must come here.</summary>
    static abstract T FromLane(T value, int mask);
}
