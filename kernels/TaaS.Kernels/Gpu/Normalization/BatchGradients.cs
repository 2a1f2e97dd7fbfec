using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>What a channel's gradient needs, and what it gives beside dx, [C] each. A kernel argument.</summary>
internal struct BatchGradients
{
    internal ArrayView<float> Gamma;
    internal ArrayView<float> SavedMean;
    internal ArrayView<float> SavedInverseStd;
    internal ArrayView<float> Dgamma;
    internal ArrayView<float> Dbeta;
}
