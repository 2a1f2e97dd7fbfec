namespace TaaS.Kernels;

/// <summary>Geometry of 2-D pooling, NCHW. Global pooling is a window of the whole image.</summary>
/// <param name="WindowH">Rows of the window.</param>
/// <param name="WindowW">Columns of the window.</param>
/// <param name="StrideH">Rows the window moves by.</param>
/// <param name="StrideW">Columns the window moves by.</param>
/// <param name="PadH">Rows of padding on both sides, at most half the window.</param>
/// <param name="PadW">Columns of padding on both sides, at most half the window.</param>
public readonly record struct Pool2dGeometry(int WindowH, int WindowW, int StrideH, int StrideW, int PadH = 0, int PadW = 0)
{
    /// <summary>Rows of the output (floor).</summary>
    public int OutputH(int inputH) => (inputH + 2 * PadH - WindowH) / StrideH + 1;

    /// <summary>Columns of the output (floor).</summary>
    public int OutputW(int inputW) => (inputW + 2 * PadW - WindowW) / StrideW + 1;
}

/// <summary>2-D pooling. <b>Shapes</b>: x: [N, C, H, W], y: [N, C, H', W']; contiguous.</summary>
public interface IPoolingKernels
{
    /// <summary>y = largest of each window, indices = its position h·W + w in the image (Int32, y's shape); the first of equals; NaN wins; padding never does.</summary>
    void MaxForward(View x, View y, View indices, Pool2dGeometry geometry);

    /// <summary>dx = dy carried to the chosen positions, summed where windows overlap; overwrites dx.</summary>
    void MaxBackward(View dy, View indices, View dx, Pool2dGeometry geometry);

    /// <summary>y = mean of each window; <paramref name="countPadding"/> divides by the full window, else by the elements inside the image.</summary>
    void AverageForward(View x, View y, Pool2dGeometry geometry, bool countPadding);

    /// <summary>dx = dy spread evenly over each window; overwrites dx.</summary>
    void AverageBackward(View dy, View dx, Pool2dGeometry geometry, bool countPadding);

    /// <summary>
    /// y = pool(relu(x + bias)): what follows a convolution, in one pass. <b>Shapes</b>: bias: [C]. Positions as in <see cref="MaxForward"/>,
    /// or −1 where the largest value was not above 0, so that backward needs nothing else.
    /// </summary>
    void BiasReluMaxForward(View x, View bias, View y, View indices, Pool2dGeometry geometry);

    /// <summary>Gradient of <see cref="BiasReluMaxForward"/>: dx as in <see cref="MaxBackward"/> (none where indices is −1), dbias: [C] = dx summed over N, H, W. Overwrites both.</summary>
    void BiasReluMaxBackward(View dy, View indices, View dx, View dbias, Pool2dGeometry geometry);
}
