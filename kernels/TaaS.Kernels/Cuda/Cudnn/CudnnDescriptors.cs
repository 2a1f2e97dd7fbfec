namespace TaaS.Kernels.Cuda;

/// <summary>A contiguous NCHW tensor.</summary>
internal sealed unsafe class TensorDescriptor : CudnnDescriptor
{
    internal TensorDescriptor(CudnnDataType type, int n, int c, int h, int w)
        : base(New()) => CudnnApi.SetTensor4dDescriptor(Handle, CudnnTensorFormat.Nchw, type, n, c, h, w).ThrowIfFailed("cudnnSetTensor4dDescriptor");

    private protected override CudnnStatus Destroy(nint handle) => CudnnApi.DestroyTensorDescriptor(handle);

    private static nint New()
    {
        nint handle = 0;
        CudnnApi.CreateTensorDescriptor(&handle).ThrowIfFailed("cudnnCreateTensorDescriptor");
        return handle;
    }
}

/// <summary>Filters, [K, C/groups, R, S].</summary>
internal sealed unsafe class FilterDescriptor : CudnnDescriptor
{
    internal FilterDescriptor(CudnnDataType type, int filters, int channels, int h, int w)
        : base(New()) => CudnnApi.SetFilter4dDescriptor(Handle, type, CudnnTensorFormat.Nchw, filters, channels, h, w).ThrowIfFailed("cudnnSetFilter4dDescriptor");

    private protected override CudnnStatus Destroy(nint handle) => CudnnApi.DestroyFilterDescriptor(handle);

    private static nint New()
    {
        nint handle = 0;
        CudnnApi.CreateFilterDescriptor(&handle).ThrowIfFailed("cudnnCreateFilterDescriptor");
        return handle;
    }
}

/// <summary>Geometry and arithmetic of a convolution; sums in single precision.</summary>
internal sealed unsafe class ConvolutionDescriptor : CudnnDescriptor
{
    internal ConvolutionDescriptor(Conv2dGeometry g, CudnnMathType math)
        : base(New())
    {
        CudnnApi.SetConvolution2dDescriptor(Handle, g.PadH, g.PadW, g.StrideH, g.StrideW, g.DilationH, g.DilationW, CudnnConvolutionMode.CrossCorrelation, CudnnDataType.Float32).ThrowIfFailed("cudnnSetConvolution2dDescriptor");
        CudnnApi.SetConvolutionGroupCount(Handle, g.Groups).ThrowIfFailed("cudnnSetConvolutionGroupCount");
        SetMath(math);
    }

    internal void SetMath(CudnnMathType math) => CudnnApi.SetConvolutionMathType(Handle, math).ThrowIfFailed("cudnnSetConvolutionMathType");

    private protected override CudnnStatus Destroy(nint handle) => CudnnApi.DestroyConvolutionDescriptor(handle);

    private static nint New()
    {
        nint handle = 0;
        CudnnApi.CreateConvolutionDescriptor(&handle).ThrowIfFailed("cudnnCreateConvolutionDescriptor");
        return handle;
    }
}

/// <summary>max(x, 0), with NaN kept or taken for 0.</summary>
internal sealed unsafe class ReluDescriptor : CudnnDescriptor
{
    internal ReluDescriptor(CudnnNanPropagation nan)
        : base(New()) => CudnnApi.SetActivationDescriptor(Handle, CudnnActivationMode.Relu, nan, 0).ThrowIfFailed("cudnnSetActivationDescriptor");

    private protected override CudnnStatus Destroy(nint handle) => CudnnApi.DestroyActivationDescriptor(handle);

    private static nint New()
    {
        nint handle = 0;
        CudnnApi.CreateActivationDescriptor(&handle).ThrowIfFailed("cudnnCreateActivationDescriptor");
        return handle;
    }
}

/// <summary>Window and kind of pooling; NaN wins a maximum.</summary>
internal sealed unsafe class PoolingDescriptor : CudnnDescriptor
{
    internal PoolingDescriptor(CudnnPoolingMode mode, Pool2dGeometry g)
        : base(New()) => CudnnApi.SetPooling2dDescriptor(Handle, mode, CudnnNanPropagation.Propagate, g.WindowH, g.WindowW, g.PadH, g.PadW, g.StrideH, g.StrideW).ThrowIfFailed("cudnnSetPooling2dDescriptor");

    private protected override CudnnStatus Destroy(nint handle) => CudnnApi.DestroyPoolingDescriptor(handle);

    private static nint New()
    {
        nint handle = 0;
        CudnnApi.CreatePoolingDescriptor(&handle).ThrowIfFailed("cudnnCreatePoolingDescriptor");
        return handle;
    }
}
