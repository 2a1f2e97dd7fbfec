using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>What training keeps of each channel, [C] each. A kernel argument.</summary>
internal struct BatchStatistics
{
    internal ArrayView<float> RunningMean;
    internal ArrayView<float> RunningVariance;
    internal ArrayView<float> SavedMean;
    internal ArrayView<float> SavedInverseStd;
    internal float Momentum;
    internal float Epsilon;

    /// <summary>Saves a channel's moments, and moves the running ones.</summary>
    internal readonly void Save(int channel, float mean, float inverse, Moments moments)
    {
        SavedMean[channel] = mean;
        SavedInverseStd[channel] = inverse;
        var unbiased = moments.Square / (moments.Count > 1f ? moments.Count - 1f : 1f);
        RunningMean[channel] = (1f - Momentum) * RunningMean[channel] + Momentum * mean;
        RunningVariance[channel] = (1f - Momentum) * RunningVariance[channel] + Momentum * unbiased;
    }
}
