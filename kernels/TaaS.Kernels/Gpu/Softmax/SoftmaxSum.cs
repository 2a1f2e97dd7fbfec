namespace TaaS.Kernels.Gpu;

/// <summary>The largest x so far, and Σ e^(x − largest): a softmax's maximum and sum in one pass. <b>Source</b>: Milakov and Gimelshein 2018, arXiv:1805.02867.</summary>
internal readonly struct SoftmaxSum(float largest, float sum)
{
    internal readonly float Largest = largest;
    internal readonly float Sum = sum;

    /// <summary>The factor that turns a sum below one maximum into a sum below a larger one.</summary>
    internal static float Rescale(float from, float to) => Decay.Exp(from - Center(to));

    /// <summary>What is subtracted: the maximum, or 0 where all is −inf so far, since −inf − (−inf) is NaN.</summary>
    internal static float Center(float largest) => largest == float.NegativeInfinity ? 0f : largest;
}
