namespace TaaS.Kernels.Gpu;

/// <summary>A reduction's way through memory: outputs, and the elements of each. A kernel argument.</summary>
internal struct ReduceLayout
{
    /// <summary>First element of each output, in x.</summary>
    internal AxisWalk Source;

    /// <summary>The elements of an output, from its first.</summary>
    internal AxisWalk Reduced;

    /// <summary>Where the outputs go, in y.</summary>
    internal AxisWalk Target;

    /// <summary>Number of outputs.</summary>
    internal int Outputs;

    /// <summary>Elements of an output.</summary>
    internal int Length;

    /// <summary>Cuts of an output.</summary>
    internal int Splits;

    /// <summary>Elements of a cut.</summary>
    internal int Chunk;

    /// <summary>What totals are divided by.</summary>
    internal float Divisor;
}
