using System.Reflection;
using System.Runtime.InteropServices;
using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>
/// The symbols the libraries export for what the engine calls, as their headers name them (a versioned function by its versioned name).
/// A wrong name would be found only on a machine with a GPU; one that is declared but not listed would be missed by the check for missing exports.
/// </summary>
public sealed class EntryPointTests
{
    private const string Driver =
        """
        cuCtxEnablePeerAccess cuCtxGetCurrent cuCtxPopCurrent_v2 cuCtxPushCurrent_v2 cuDeviceCanAccessPeer cuDeviceGet cuDeviceGetAttribute cuDeviceGetCount
        cuDeviceGetDefaultMemPool cuDeviceGetName cuDeviceGetPCIBusId cuDevicePrimaryCtxRelease_v2 cuDevicePrimaryCtxRetain cuDeviceTotalMem_v2
        cuDriverGetVersion cuEventCreate cuEventDestroy_v2 cuEventElapsedTime cuEventQuery cuEventRecord cuEventSynchronize cuGetErrorString cuGraphDestroy
        cuGraphExecDestroy cuGraphExecUpdate_v2 cuGraphInstantiateWithFlags cuGraphLaunch cuInit cuMemAllocAsync cuMemFreeAsync cuMemFreeHost cuMemGetInfo_v2
        cuMemHostAlloc cuMemPoolGetAttribute cuMemPoolSetAttribute cuMemPoolTrimTo cuMemcpyDtoDAsync_v2 cuMemcpyDtoHAsync_v2 cuMemcpyHtoDAsync_v2
        cuMemcpyPeerAsync cuMemsetD32Async cuMemsetD8Async cuStreamBeginCapture_v2 cuStreamCreate cuStreamDestroy_v2 cuStreamEndCapture cuStreamIsCapturing
        cuStreamSynchronize cuStreamWaitEvent
        """;

    private const string CublasLt =
        """
        cublasLtCreate cublasLtDestroy cublasLtGetVersion cublasLtMatmul cublasLtMatmulAlgoGetHeuristic cublasLtMatmulDescCreate cublasLtMatmulDescDestroy
        cublasLtMatmulDescSetAttribute cublasLtMatmulPreferenceCreate cublasLtMatmulPreferenceDestroy cublasLtMatmulPreferenceSetAttribute
        cublasLtMatrixLayoutCreate cublasLtMatrixLayoutDestroy cublasLtMatrixLayoutSetAttribute
        """;

    private const string Cudnn =
        """
        cudnnActivationForward cudnnAddTensor cudnnBatchNormalizationBackward cudnnBatchNormalizationForwardInference cudnnBatchNormalizationForwardTraining
        cudnnConvolutionBackwardBias cudnnConvolutionBackwardData cudnnConvolutionBackwardFilter cudnnConvolutionBiasActivationForward
        cudnnConvolutionForward cudnnCreate cudnnCreateActivationDescriptor cudnnCreateConvolutionDescriptor cudnnCreateFilterDescriptor
        cudnnCreatePoolingDescriptor cudnnCreateTensorDescriptor cudnnDestroy cudnnDestroyActivationDescriptor cudnnDestroyConvolutionDescriptor
        cudnnDestroyFilterDescriptor cudnnDestroyPoolingDescriptor cudnnDestroyTensorDescriptor cudnnGetConvolutionBackwardDataAlgorithm_v7
        cudnnGetConvolutionBackwardFilterAlgorithm_v7 cudnnGetConvolutionForwardAlgorithm_v7 cudnnGetVersion cudnnPoolingBackward cudnnPoolingForward
        cudnnSetActivationDescriptor cudnnSetConvolution2dDescriptor cudnnSetConvolutionGroupCount cudnnSetConvolutionMathType cudnnSetFilter4dDescriptor
        cudnnSetPooling2dDescriptor cudnnSetStream cudnnSetTensor4dDescriptor
        """;

    private const string Nvml =
        """
        nvmlDeviceGetCount_v2 nvmlDeviceGetHandleByIndex_v2 nvmlDeviceGetHandleByPciBusId_v2 nvmlDeviceGetIndex nvmlDeviceGetMemoryInfo nvmlDeviceGetName
        nvmlDeviceGetPowerUsage nvmlDeviceGetSupportedEventTypes nvmlDeviceGetTemperature nvmlDeviceGetUtilizationRates nvmlDeviceRegisterEvents
        nvmlEventSetCreate nvmlEventSetFree nvmlEventSetWait_v2 nvmlInit_v2 nvmlShutdown nvmlSystemGetNVMLVersion
        """;

    [Fact]
    public void Driver_IsWhatTheHeaderExports() => AssertDocumented(typeof(DriverApi), DriverApi.EntryPoints, Driver, []);

    [Fact]
    public void CublasLt_IsWhatTheHeaderExports() => AssertDocumented(typeof(CublasLtApi), CublasLtApi.EntryPoints, CublasLt, ["cublasLtGetVersion"]);

    [Fact]
    public void Cudnn_IsWhatTheHeaderExports() => AssertDocumented(typeof(CudnnApi), CudnnApi.EntryPoints, Cudnn, ["cudnnGetVersion"]);

    [Fact]
    public void Nvml_IsWhatTheHeaderExports() => AssertDocumented(typeof(NvmlApi), NvmlApi.EntryPoints, Nvml, ["nvmlSystemGetNVMLVersion"]);

    [Fact]
    public void VersionFunctions_AreWhatTheHeadersExport()
    {
        var exported = string.Join(' ', Driver, CublasLt, Cudnn, Nvml).Split([' ', '\n']);
        Assert.All(LibrarySpecification.All, wanted => Assert.Contains(wanted.VersionFunction, exported));
    }

    /// <param name="api">The import class.</param>
    /// <param name="listed">What it says it needs.</param>
    /// <param name="documented">What there is.</param>
    /// <param name="calledByAddress">What is called without an import, to learn the version.</param>
    private static void AssertDocumented(Type api, string[] listed, string documented, string[] calledByAddress)
    {
        var declared = api.GetMethods(BindingFlags.Static | BindingFlags.NonPublic)
            .Select(method => method.GetCustomAttribute<LibraryImportAttribute>()?.EntryPoint)
            .OfType<string>().Order(StringComparer.Ordinal).ToArray();
        Assert.NotEmpty(declared);
        Assert.Equal(declared, listed.Order(StringComparer.Ordinal));
        Assert.Equal(
            documented.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal),
            declared.Concat(calledByAddress).Order(StringComparer.Ordinal));
    }
}
