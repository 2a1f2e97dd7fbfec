using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <content>Batch normalisation (cudnn_ops.h).</content>
internal static unsafe partial class CudnnApi
{
    [LibraryImport(Name, EntryPoint = "cudnnBatchNormalizationForwardTraining")]
    internal static partial CudnnStatus BatchNormalizationForwardTraining(
        nint handle,
        CudnnBatchNormMode mode,
        void* alpha,
        void* beta,
        nint xTensor,
        nint x,
        nint yTensor,
        nint y,
        nint channelTensor,
        nint gamma,
        nint shift,
        double averageFactor,
        nint runningMean,
        nint runningVariance,
        double epsilon,
        nint savedMean,
        nint savedInverseStd);

    [LibraryImport(Name, EntryPoint = "cudnnBatchNormalizationBackward")]
    internal static partial CudnnStatus BatchNormalizationBackward(
        nint handle,
        CudnnBatchNormMode mode,
        void* alphaData,
        void* betaData,
        void* alphaParameters,
        void* betaParameters,
        nint xTensor,
        nint x,
        nint dyTensor,
        nint dy,
        nint dxTensor,
        nint dx,
        nint channelTensor,
        nint gamma,
        nint dgamma,
        nint dshift,
        double epsilon,
        nint savedMean,
        nint savedInverseStd);

    [LibraryImport(Name, EntryPoint = "cudnnBatchNormalizationForwardInference")]
    internal static partial CudnnStatus BatchNormalizationForwardInference(
        nint handle,
        CudnnBatchNormMode mode,
        void* alpha,
        void* beta,
        nint xTensor,
        nint x,
        nint yTensor,
        nint y,
        nint channelTensor,
        nint gamma,
        nint shift,
        nint mean,
        nint variance,
        double epsilon);
}
