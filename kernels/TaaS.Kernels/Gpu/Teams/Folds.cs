using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>A way to make one number of many.</summary>
internal interface IFold
{
    /// <summary>The result over nothing.</summary>
    static abstract float Empty { get; }

    static abstract float Apply(float a, float b);
}

internal readonly struct SumFold : IFold
{
    public static float Empty => 0f;

    public static float Apply(float a, float b) => a + b;
}

/// <summary>The larger; NaN wins.</summary>
internal readonly struct MaxFold : IFold
{
    public static float Empty => float.NegativeInfinity;

    public static float Apply(float a, float b) => GpuMath.Max(a, b);
}

/// <summary>One number, folded.</summary>
internal struct Folded<TFold>(float value) : IAccumulator<Folded<TFold>>
    where TFold : struct, IFold
{
    internal float Value = value;

    public static bool IsSymmetric => true;

    public static Folded<TFold> Empty => new(TFold.Empty);

    public static Folded<TFold> Combine(Folded<TFold> a, Folded<TFold> b) => new(TFold.Apply(a.Value, b.Value));

    public static Folded<TFold> FromLane(Folded<TFold> value, int mask) => new(Warp.ShuffleXor(value.Value, mask));
}

/// <summary>Two sums at once.</summary>
internal struct PairSum(float first, float second) : IAccumulator<PairSum>
{
    internal float First = first;
    internal float Second = second;

    public static bool IsSymmetric => true;

    public static PairSum Empty => new(0f, 0f);

    public static PairSum Combine(PairSum a, PairSum b) => new(a.First + b.First, a.Second + b.Second);

    public static PairSum FromLane(PairSum value, int mask) => new(Warp.ShuffleXor(value.First, mask), Warp.ShuffleXor(value.Second, mask));
}
