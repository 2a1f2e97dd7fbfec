using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <content>Convolution in three directions (cudnn_cnn.h).</content>
internal static unsafe partial class CudnnApi
{
    [LibraryImport(Name, EntryPoint = "cudnnCreateFilterDescriptor")]
    internal static partial CudnnStatus CreateFilterDescriptor(nint* filter);

    [LibraryImport(Name, EntryPoint = "cudnnSetFilter4dDescriptor")]
    internal static partial CudnnStatus SetFilter4dDescriptor(nint filter, CudnnDataType type, CudnnTensorFormat format, int k, int c, int h, int w);

    [LibraryImport(Name, EntryPoint = "cudnnDestroyFilterDescriptor")]
    internal static partial CudnnStatus DestroyFilterDescriptor(nint filter);

    [LibraryImport(Name, EntryPoint = "cudnnCreateConvolutionDescriptor")]
    internal static partial CudnnStatus CreateConvolutionDescriptor(nint* convolution);

    [LibraryImport(Name, EntryPoint = "cudnnSetConvolution2dDescriptor")]
    internal static partial CudnnStatus SetConvolution2dDescriptor(nint convolution, int padH, int padW, int strideH, int strideW, int dilationH, int dilationW, CudnnConvolutionMode mode, CudnnDataType compute);

    [LibraryImport(Name, EntryPoint = "cudnnSetConvolutionGroupCount")]
    internal static partial CudnnStatus SetConvolutionGroupCount(nint convolution, int groups);

    [LibraryImport(Name, EntryPoint = "cudnnSetConvolutionMathType")]
    internal static partial CudnnStatus SetConvolutionMathType(nint convolution, CudnnMathType math);

    [LibraryImport(Name, EntryPoint = "cudnnDestroyConvolutionDescriptor")]
    internal static partial CudnnStatus DestroyConvolutionDescriptor(nint convolution);

    [LibraryImport(Name, EntryPoint = "cudnnGetConvolutionForwardAlgorithm_v7")]
    internal static partial CudnnStatus GetConvolutionForwardAlgorithm(nint handle, nint x, nint w, nint convolution, nint y, int wanted, int* found, AlgorithmPerformance* results);

    [LibraryImport(Name, EntryPoint = "cudnnGetConvolutionBackwardDataAlgorithm_v7")]
    internal static partial CudnnStatus GetConvolutionBackwardDataAlgorithm(nint handle, nint w, nint dy, nint convolution, nint dx, int wanted, int* found, AlgorithmPerformance* results);

    [LibraryImport(Name, EntryPoint = "cudnnGetConvolutionBackwardFilterAlgorithm_v7")]
    internal static partial CudnnStatus GetConvolutionBackwardFilterAlgorithm(nint handle, nint x, nint dy, nint convolution, nint dw, int wanted, int* found, AlgorithmPerformance* results);

    [LibraryImport(Name, EntryPoint = "cudnnConvolutionForward")]
    internal static partial CudnnStatus ConvolutionForward(
        nint handle, void* alpha, nint xTensor, nint x, nint wFilter, nint w, nint convolution, int algorithm, nint workspace, nuint workspaceBytes, void* beta, nint yTensor, nint y);

    [LibraryImport(Name, EntryPoint = "cudnnConvolutionBiasActivationForward")]
    internal static partial CudnnStatus ConvolutionBiasActivationForward(
        nint handle,
        void* alpha,
        nint xTensor,
        nint x,
        nint wFilter,
        nint w,
        nint convolution,
        int algorithm,
        nint workspace,
        nuint workspaceBytes,
        void* zFactor,
        nint zTensor,
        nint z,
        nint biasTensor,
        nint bias,
        nint activation,
        nint yTensor,
        nint y);

    [LibraryImport(Name, EntryPoint = "cudnnConvolutionBackwardData")]
    internal static partial CudnnStatus ConvolutionBackwardData(
        nint handle, void* alpha, nint wFilter, nint w, nint dyTensor, nint dy, nint convolution, int algorithm, nint workspace, nuint workspaceBytes, void* beta, nint dxTensor, nint dx);

    [LibraryImport(Name, EntryPoint = "cudnnConvolutionBackwardFilter")]
    internal static partial CudnnStatus ConvolutionBackwardFilter(
        nint handle, void* alpha, nint xTensor, nint x, nint dyTensor, nint dy, nint convolution, int algorithm, nint workspace, nuint workspaceBytes, void* beta, nint dwFilter, nint dw);

    [LibraryImport(Name, EntryPoint = "cudnnConvolutionBackwardBias")]
    internal static partial CudnnStatus ConvolutionBackwardBias(nint handle, void* alpha, nint dyTensor, nint dy, void* beta, nint biasTensor, nint dbias);
}
