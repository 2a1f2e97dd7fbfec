namespace TaaS.Kernels.Gpu;

/// <summary>A function of one or two numbers and a scalar. A struct without fields, so that every kernel is compiled for its own function.</summary>
internal interface IMapFunction
{
    /// <summary>How many of the inputs it reads: 0, 1 or 2.</summary>
    static abstract int Inputs { get; }

    /// <summary>The function; <paramref name="s"/> is the same for all elements.</summary>
    static abstract float Apply(float a, float b, float s);
}
