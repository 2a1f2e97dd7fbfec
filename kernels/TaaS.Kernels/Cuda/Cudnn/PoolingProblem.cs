namespace TaaS.Kernels.Cuda;

/// <summary>A pooling without the pointers. <b>Shapes</b>: x: [N, C, H, W].</summary>
/// <param name="Mode">Maximum or average.</param>
/// <param name="N">Images.</param>
/// <param name="C">Channels.</param>
/// <param name="H">Rows of x.</param>
/// <param name="W">Columns of x.</param>
/// <param name="Geometry">Window, strides, padding.</param>
/// <param name="Type">Elements of all tensors.</param>
internal readonly record struct PoolingProblem(CudnnPoolingMode Mode, int N, int C, int H, int W, Pool2dGeometry Geometry, CudnnDataType Type = CudnnDataType.Float32)
{
    /// <summary>Nothing empty, and padding smaller than the window, as the library wants it.</summary>
    internal bool IsRegular => N > 0 && C > 0 && Geometry.OutputH(H) > 0 && Geometry.OutputW(W) > 0
        && Geometry.PadH < Geometry.WindowH && Geometry.PadW < Geometry.WindowW;
}
