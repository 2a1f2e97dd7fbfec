namespace TaaS.Kernels.Cuda;

/// <summary>A batch normalisation without the pointers. <b>Shapes</b>: x: [N, C, H, W]; parameters and statistics: [C], always single precision.</summary>
internal readonly record struct BatchNormalizationProblem(int N, int C, int H, int W, CudnnDataType Type = CudnnDataType.Float32)
{
    /// <summary>More than one value a channel: the library divides by one less than their number.</summary>
    internal bool IsRegular => C > 0 && (long)N * H * W > 1;
}
