using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>Handle, tensors and activation of cuDNN 9, as cudnn_graph.h and cudnn_ops.h declare them. Each op family is in a part of its own.</summary>
internal static unsafe partial class CudnnApi
{
    internal const string Name = "cudnn";

    static CudnnApi() => CudaLibraries.AttachResolver();

    /// <summary>Every function declared here.</summary>
    internal static string[] EntryPoints { get; } =
    [
        "cudnnCreate", "cudnnDestroy", "cudnnSetStream", "cudnnCreateTensorDescriptor", "cudnnSetTensor4dDescriptor", "cudnnDestroyTensorDescriptor",
        "cudnnCreateActivationDescriptor", "cudnnSetActivationDescriptor", "cudnnDestroyActivationDescriptor", "cudnnActivationForward", "cudnnAddTensor",
        "cudnnCreateFilterDescriptor", "cudnnSetFilter4dDescriptor", "cudnnDestroyFilterDescriptor",
        "cudnnCreateConvolutionDescriptor", "cudnnSetConvolution2dDescriptor", "cudnnSetConvolutionGroupCount", "cudnnSetConvolutionMathType", "cudnnDestroyConvolutionDescriptor",
        "cudnnGetConvolutionForwardAlgorithm_v7", "cudnnGetConvolutionBackwardDataAlgorithm_v7", "cudnnGetConvolutionBackwardFilterAlgorithm_v7",
        "cudnnConvolutionForward", "cudnnConvolutionBiasActivationForward", "cudnnConvolutionBackwardData", "cudnnConvolutionBackwardFilter", "cudnnConvolutionBackwardBias",
        "cudnnCreatePoolingDescriptor", "cudnnSetPooling2dDescriptor", "cudnnDestroyPoolingDescriptor", "cudnnPoolingForward", "cudnnPoolingBackward",
        "cudnnBatchNormalizationForwardTraining", "cudnnBatchNormalizationBackward", "cudnnBatchNormalizationForwardInference",
    ];

    [LibraryImport(Name, EntryPoint = "cudnnCreate")]
    internal static partial CudnnStatus Create(nint* handle);

    [LibraryImport(Name, EntryPoint = "cudnnDestroy")]
    internal static partial CudnnStatus Destroy(nint handle);

    [LibraryImport(Name, EntryPoint = "cudnnSetStream")]
    internal static partial CudnnStatus SetStream(nint handle, nint stream);

    [LibraryImport(Name, EntryPoint = "cudnnCreateTensorDescriptor")]
    internal static partial CudnnStatus CreateTensorDescriptor(nint* tensor);

    [LibraryImport(Name, EntryPoint = "cudnnSetTensor4dDescriptor")]
    internal static partial CudnnStatus SetTensor4dDescriptor(nint tensor, CudnnTensorFormat format, CudnnDataType type, int n, int c, int h, int w);

    [LibraryImport(Name, EntryPoint = "cudnnDestroyTensorDescriptor")]
    internal static partial CudnnStatus DestroyTensorDescriptor(nint tensor);

    [LibraryImport(Name, EntryPoint = "cudnnCreateActivationDescriptor")]
    internal static partial CudnnStatus CreateActivationDescriptor(nint* activation);

    [LibraryImport(Name, EntryPoint = "cudnnSetActivationDescriptor")]
    internal static partial CudnnStatus SetActivationDescriptor(nint activation, CudnnActivationMode mode, CudnnNanPropagation nan, double coefficient);

    [LibraryImport(Name, EntryPoint = "cudnnDestroyActivationDescriptor")]
    internal static partial CudnnStatus DestroyActivationDescriptor(nint activation);

    [LibraryImport(Name, EntryPoint = "cudnnActivationForward")]
    internal static partial CudnnStatus ActivationForward(nint handle, nint activation, void* alpha, nint xTensor, nint x, void* beta, nint yTensor, nint y);

    [LibraryImport(Name, EntryPoint = "cudnnAddTensor")]
    internal static partial CudnnStatus AddTensor(nint handle, void* alpha, nint aTensor, nint a, void* beta, nint cTensor, nint c);
}
