namespace TaaS.Kernels.Cuda;

/// <summary>cudnnDataType_t: the element types the engine computes with.</summary>
internal enum CudnnDataType
{
    Float32 = 0,
    Float16 = 2,
    BFloat16 = 9,
}

/// <summary>cudnnTensorFormat_t.</summary>
internal enum CudnnTensorFormat
{
    Nchw = 0,
}

/// <summary>cudnnMathType_t: which arithmetic an algorithm may use.</summary>
internal enum CudnnMathType
{
    /// <summary>tf32 tensor cores are allowed for single precision.</summary>
    Default = 0,
    TensorOp = 1,
    TensorOpAllowConversion = 2,

    /// <summary>Single precision throughout.</summary>
    Fma = 3,
}

/// <summary>cudnnConvolutionMode_t.</summary>
internal enum CudnnConvolutionMode
{
    Convolution = 0,
    CrossCorrelation = 1,
}

/// <summary>cudnnNanPropagation_t.</summary>
internal enum CudnnNanPropagation
{
    DoNotPropagate = 0,
    Propagate = 1,
}

/// <summary>cudnnActivationMode_t.</summary>
internal enum CudnnActivationMode
{
    Relu = 1,
}

/// <summary>cudnnPoolingMode_t.</summary>
internal enum CudnnPoolingMode
{
    Max = 0,
    AverageCountPadding = 1,
    AverageOmitPadding = 2,
    MaxDeterministic = 3,
}

/// <summary>cudnnBatchNormMode_t.</summary>
internal enum CudnnBatchNormMode
{
    PerActivation = 0,

    /// <summary>One mean and variance a channel, over N, H and W.</summary>
    Spatial = 1,
    SpatialPersistent = 2,
}

/// <summary>cudnnDeterminism_t.</summary>
internal enum CudnnDeterminism
{
    NonDeterministic = 0,
    Deterministic = 1,
}
