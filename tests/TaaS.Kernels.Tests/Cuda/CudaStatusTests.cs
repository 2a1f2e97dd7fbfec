using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>What a user reads when a CUDA library fails. The driver's own sentence is in <see cref="FakeDriverTests"/>.</summary>
public sealed class CudaStatusTests
{
    [Fact]
    public void Success_Passes()
    {
        CudaResult.Success.ThrowIfFailed("cuInit");
        CublasStatus.Success.ThrowIfFailed("cublasLtCreate");
        CudnnStatus.Success.ThrowIfFailed("cudnnCreate");
        NvmlReturn.Success.ThrowIfFailed("nvmlInit");
        CudaResult.Success.ThrowIfFailed("cuMemAllocAsync", 1, () => throw new InvalidOperationException("asked for no reason"));
    }

    [Theory]
    [InlineData(1, "CUDA_ERROR_INVALID_VALUE")]
    [InlineData(100, "CUDA_ERROR_NO_DEVICE")]
    [InlineData(209, "CUDA_ERROR_NO_BINARY_FOR_GPU")]
    [InlineData(901, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED")]
    [InlineData(999, "CUDA_ERROR_UNKNOWN")]
    [InlineData(12345, "CUDA_ERROR code")]
    public void DriverFailure_NamesCallAndCode(int code, string name)
    {
        var error = CudaStatus.Failure((CudaResult)code, "cuStreamSynchronize");
        Assert.Equal($"cuStreamSynchronize: {name} ({code})", error.Message);
        Assert.Equal(("cuStreamSynchronize", code, name), (error.Operation, error.Code, error.CodeName));
        var thrown = Assert.Throws<CudaException>(() => ((CudaResult)code).ThrowIfFailed("cuStreamSynchronize"));
        Assert.StartsWith(error.Message, thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OutOfMemory_SaysHowMuchWasAskedForAndFree()
    {
        var error = Assert.Throws<CudaException>(() => CudaResult.OutOfMemory.ThrowIfFailed("cuMemAllocAsync", 12L << 30, () => (3L << 29, 80L << 30)));
        Assert.StartsWith("cuMemAllocAsync: CUDA_ERROR_OUT_OF_MEMORY (2)", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("; asked for 12.00 GiB, 1.50 GiB of 80.00 GiB are free: use a smaller batch or end what else uses the memory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OtherFailureOfAnAllocation_DoesNotAskForTheMemory()
    {
        var error = Assert.Throws<CudaException>(() => CudaResult.InvalidContext.ThrowIfFailed("cuMemAllocAsync", 1, () => throw new InvalidOperationException("asked for no reason")));
        Assert.Equal("CUDA_ERROR_INVALID_CONTEXT", error.CodeName);
    }

    [Theory]
    [InlineData(700, true)]
    [InlineData(719, true)]
    [InlineData(214, true)]
    [InlineData(1, false)]
    [InlineData(701, false)]
    [InlineData(900, false)]
    public void ErrorThatStays_SaysThatTheGpuIsLost(int code, bool lost) =>
        Assert.Equal(lost, CudaStatus.Failure((CudaResult)code, "cuStreamSynchronize").Message.EndsWith("; this process has lost the GPU, and every later call fails alike: look for an Xid in the kernel's log (dmesg), then start again", StringComparison.Ordinal));

    [Theory]
    [InlineData("CUDA_ERROR_ILLEGAL_ADDRESS", 700)]
    [InlineData("719", 719)]
    [InlineData("CUDA_ERROR_OF_A_LATER_DRIVER", 999)]
    public void FailureOfIlgpus_IsOneOfOurs(string named, int code)
    {
        var error = (CudaException)DeviceException.Find(FakeIlgpu.Failure(named))!;
        Assert.Equal(code, error.Code);
        Assert.StartsWith("a launch or an allocation on the GPU: CUDA_ERROR_", error.Message, StringComparison.Ordinal);
        Assert.Null(DeviceException.Find(new InvalidOperationException()));
    }

    [Fact]
    public void LibraryFailures_NameCallAndCode()
    {
        Assert.Equal("cublasLtMatmul: CUBLAS_STATUS_EXECUTION_FAILED (13)", Assert.Throws<CudaException>(() => CublasStatus.ExecutionFailed.ThrowIfFailed("cublasLtMatmul")).Message);
        Assert.Equal("cudnnConvolutionForward: CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER (5001)", Assert.Throws<CudaException>(() => CudnnStatus.ExecutionFailedCudaDriver.ThrowIfFailed("cudnnConvolutionForward")).Message);
        Assert.Equal("nvmlInit: NVML_ERROR_DRIVER_NOT_LOADED (9)", Assert.Throws<CudaException>(() => NvmlReturn.DriverNotLoaded.ThrowIfFailed("nvmlInit")).Message);
    }

    [Theory]
    [InlineData(3000)]
    [InlineData(3002)]
    [InlineData(3013)]
    [InlineData(3999)]
    public void CudnnNotSupported_IsAnAnswerAndNoFailure(int code) => Assert.False(((CudnnStatus)code).IsSupported("cudnnConvolutionForward"));

    [Theory]
    [InlineData(2000)]
    [InlineData(4004)]
    [InlineData(5000)]
    public void CudnnFailure_IsNotTakenForUnsupported(int code) => Assert.Throws<CudaException>(() => ((CudnnStatus)code).IsSupported("cudnnConvolutionForward"));

    [Fact]
    public void NvmlSensorThatIsNotThere_IsAnAnswerAndNoFailure()
    {
        Assert.True(NvmlReturn.Success.IsTold("nvmlDeviceGetPowerUsage"));
        Assert.False(NvmlReturn.NotSupported.IsTold("nvmlDeviceGetPowerUsage"));
        Assert.False(NvmlReturn.NoPermission.IsTold("nvmlDeviceGetPowerUsage"));
        Assert.Throws<CudaException>(() => NvmlReturn.GpuIsLost.IsTold("nvmlDeviceGetPowerUsage"));
    }
}
