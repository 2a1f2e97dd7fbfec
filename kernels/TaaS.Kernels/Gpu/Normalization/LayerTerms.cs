using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>What is summed over the rows of a column.</summary>
internal interface ILayerTerms
{
    static abstract PairSum Of(ArrayView<float> a, ArrayView<float> b, ArrayView<float> mean, ArrayView<float> inverseStd, int row, int at);
}

/// <summary>dy·x̂ and dy, of a = x and b = dy: the gradients of gamma and beta.</summary>
internal readonly struct LayerParameterTerms : ILayerTerms
{
    public static PairSum Of(ArrayView<float> a, ArrayView<float> b, ArrayView<float> mean, ArrayView<float> inverseStd, int row, int at) =>
        new(b[at] * ((a[at] - mean[row]) * inverseStd[row]), b[at]);
}

/// <summary>Sums that an earlier launch left in a and b.</summary>
internal readonly struct LayerPartialTerms : ILayerTerms
{
    public static PairSum Of(ArrayView<float> a, ArrayView<float> b, ArrayView<float> mean, ArrayView<float> inverseStd, int row, int at) => new(a[at], b[at]);
}
