using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <content>Pooling (cudnn_ops.h).</content>
internal static unsafe partial class CudnnApi
{
    [LibraryImport(Name, EntryPoint = "cudnnCreatePoolingDescriptor")]
    internal static partial CudnnStatus CreatePoolingDescriptor(nint* pooling);

    [LibraryImport(Name, EntryPoint = "cudnnSetPooling2dDescriptor")]
    internal static partial CudnnStatus SetPooling2dDescriptor(nint pooling, CudnnPoolingMode mode, CudnnNanPropagation nan, int windowH, int windowW, int padH, int padW, int strideH, int strideW);

    [LibraryImport(Name, EntryPoint = "cudnnDestroyPoolingDescriptor")]
    internal static partial CudnnStatus DestroyPoolingDescriptor(nint pooling);

    [LibraryImport(Name, EntryPoint = "cudnnPoolingForward")]
    internal static partial CudnnStatus PoolingForward(nint handle, nint pooling, void* alpha, nint xTensor, nint x, void* beta, nint yTensor, nint y);

    [LibraryImport(Name, EntryPoint = "cudnnPoolingBackward")]
    internal static partial CudnnStatus PoolingBackward(
        nint handle, nint pooling, void* alpha, nint yTensor, nint y, nint dyTensor, nint dy, nint xTensor, nint x, void* beta, nint dxTensor, nint dx);
}
