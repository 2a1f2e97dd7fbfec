using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>The largest x so far, and Σ e^(x − largest): a softmax's maximum and sum in one pass. <b>Source</b>: Milakov and Gimelshein 2018, arXiv:1805.02867.</summary>
internal struct SoftmaxSum(float largest, float sum) : IAccumulator<SoftmaxSum>
{
    internal float Largest = largest;
    internal float Sum = sum;

    public static bool IsSymmetric => false;

    public static SoftmaxSum Empty => new(float.NegativeInfinity, 0f);

    public static SoftmaxSum Combine(SoftmaxSum a, SoftmaxSum b)
    {
        var largest = GpuMath.Max(a.Largest, b.Largest);
        return new SoftmaxSum(largest, a.Sum * Rescale(a.Largest, largest) + b.Sum * Rescale(b.Largest, largest));
    }

    public static SoftmaxSum FromLane(SoftmaxSum value, int mask) => new(Warp.ShuffleXor(value.Largest, mask), Warp.ShuffleXor(value.Sum, mask));

    /// <summary>The factor that turns a sum below one maximum into a sum below a larger one.</summary>
    internal static float Rescale(float from, float to) => Decay.Exp(from - Center(to));

    /// <summary>What is subtracted: the maximum, or 0 where all is −inf so far, since −inf − (−inf) is NaN.</summary>
    internal static float Center(float largest) => largest == float.NegativeInfinity ? 0f : largest;
}
