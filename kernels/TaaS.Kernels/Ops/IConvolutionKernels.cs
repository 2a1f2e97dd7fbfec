namespace TaaS.Kernels;

/// <summary>Geometry of a 2-D convolution (cross-correlation, as in every deep-learning library), NCHW.</summary>
/// <param name="StrideH">Rows the filter moves by, at least 1.</param>
/// <param name="StrideW">Columns the filter moves by, at least 1.</param>
/// <param name="PadH">Rows of zeros above and below.</param>
/// <param name="PadW">Columns of zeros left and right.</param>
/// <param name="DilationH">Rows between filter taps, at least 1.</param>
/// <param name="DilationW">Columns between filter taps, at least 1.</param>
/// <param name="Groups">Channel groups that do not see each other; divides both channel counts.</param>
public readonly record struct Conv2dGeometry(int StrideH = 1, int StrideW = 1, int PadH = 0, int PadW = 0, int DilationH = 1, int DilationW = 1, int Groups = 1)
{
    /// <summary>Stride 1, no padding, no dilation, one group.</summary>
    public Conv2dGeometry()
        : this(1, 1, 0, 0, 1, 1, 1)
    {
    }

    /// <summary>Rows of the output: ⌊(H + 2·pad − dilation·(R − 1) − 1) / stride⌋ + 1.</summary>
    public int OutputH(int inputH, int filterH) => (inputH + 2 * PadH - DilationH * (filterH - 1) - 1) / StrideH + 1;

    /// <summary>Columns of the output.</summary>
    public int OutputW(int inputW, int filterW) => (inputW + 2 * PadW - DilationW * (filterW - 1) - 1) / StrideW + 1;
}

/// <summary>2-D convolution. <b>Shapes</b>: x: [N, C, H, W], w: [K, C/groups, R, S], bias: [K], y: [N, K, H', W']; all contiguous. <b>Accumulator</b>: f32.</summary>
public interface IConvolutionKernels
{
    /// <summary>y = act(x ∗ w + bias).</summary>
    void Forward(View x, View w, View? bias, View y, Conv2dGeometry geometry, FusedActivation activation);

    /// <summary>dx = gradient with respect to the input; overwrites dx.</summary>
    void BackwardData(View dy, View w, View dx, Conv2dGeometry geometry);

    /// <summary>dw (and dbias where given) = gradients of the parameters, summed over the batch; overwrites both.</summary>
    void BackwardFilter(View x, View dy, View dw, View? dbias, Conv2dGeometry geometry);
}
