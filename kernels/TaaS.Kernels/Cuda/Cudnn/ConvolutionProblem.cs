namespace TaaS.Kernels.Cuda;

/// <summary>The three directions of a convolution.</summary>
internal enum ConvolutionDirection
{
    Forward,
    BackwardData,
    BackwardFilter,
}

/// <summary>A convolution without the pointers: what an algorithm is chosen for. <b>Shapes</b>: x: [N, C, H, W], w: [K, C/groups, R, S].</summary>
/// <param name="Direction">Which of the three is computed.</param>
/// <param name="N">Images.</param>
/// <param name="C">Channels of x.</param>
/// <param name="H">Rows of x.</param>
/// <param name="W">Columns of x.</param>
/// <param name="K">Filters.</param>
/// <param name="R">Rows of a filter.</param>
/// <param name="S">Columns of a filter.</param>
/// <param name="Geometry">Strides, padding, dilation, groups.</param>
/// <param name="Type">Elements of all tensors.</param>
/// <param name="AllowTf32">Single-precision operands may be rounded to tf32.</param>
internal readonly record struct ConvolutionProblem(
    ConvolutionDirection Direction,
    int N,
    int C,
    int H,
    int W,
    int K,
    int R,
    int S,
    Conv2dGeometry Geometry,
    CudnnDataType Type = CudnnDataType.Float32,
    bool AllowTf32 = false)
{
    internal int OutputH => Geometry.OutputH(H, R);

    internal int OutputW => Geometry.OutputW(W, S);

    internal ConvolutionOutput Output => new(N, K, OutputH, OutputW, Type);

    /// <summary>Single precision throughout.</summary>
    internal bool IsStrict => Type == CudnnDataType.Float32 && !AllowTf32;

    /// <summary>Nothing empty, and no tensor beyond the 32-bit indices of the library's algorithms.</summary>
    internal bool IsRegular => N > 0 && C > 0 && K > 0 && OutputH > 0 && OutputW > 0
        && (long)N * C * H * W <= int.MaxValue
        && (long)N * K * OutputH * OutputW <= int.MaxValue;
}
