using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Every enum handed to a library, with the values a C compiler gives for the headers of CUDA 12.6, cuDNN 9.6 and NVML 13. A wrong one asks a GPU for something else.</summary>
public sealed class EnumValueTests
{
    [Theory]
    [InlineData(typeof(DeviceAttribute), "MaxThreadsPerBlock=1 MaxSharedMemoryPerBlock=8 WarpSize=10 ClockRateKhz=13 MultiprocessorCount=16 MemoryClockRateKhz=36 MemoryBusWidthBits=37 L2CacheBytes=38 ComputeCapabilityMajor=75 ComputeCapabilityMinor=76 MaxSharedMemoryPerBlockOptIn=97 MemoryPoolsSupported=115")]
    [InlineData(typeof(StreamFlags), "Default=0 NonBlocking=1")]
    [InlineData(typeof(EventFlags), "Default=0 BlockingSync=1 DisableTiming=2")]
    [InlineData(typeof(StreamCaptureMode), "Global=0 ThreadLocal=1 Relaxed=2")]
    [InlineData(typeof(StreamCaptureStatus), "None=0 Active=1 Invalidated=2")]
    [InlineData(typeof(MemoryPoolAttribute), "ReleaseThreshold=4 ReservedBytes=5 UsedBytes=7")]
    [InlineData(typeof(HostAllocationFlags), "Portable=1")]
    [InlineData(typeof(GraphUpdateResult), "Success=0 Error=1 TopologyChanged=2 NodeTypeChanged=3 FunctionChanged=4 ParametersChanged=5 NotSupported=6 UnsupportedFunctionChange=7 AttributesChanged=8")]
    [InlineData(typeof(CudaDataType), "Float32=0 Float16=2 BFloat16=14")]
    [InlineData(typeof(CublasComputeType), "Float32=68 FastTf32=77")]
    [InlineData(typeof(CublasOperation), "None=0 Transpose=1")]
    [InlineData(typeof(CublasLtEpilogue), "None=1 Relu=2 Bias=4 ReluBias=6")]
    [InlineData(typeof(MatmulDescAttribute), "TransposeA=3 TransposeB=4 Epilogue=7 BiasPointer=8 BiasDataType=26")]
    [InlineData(typeof(MatrixLayoutAttribute), "BatchCount=5 StridedBatchOffset=6")]
    [InlineData(typeof(MatmulPreferenceAttribute), "MaxWorkspaceBytes=1 MinAlignmentA=5 MinAlignmentB=6 MinAlignmentC=7 MinAlignmentD=8")]
    [InlineData(typeof(CudnnDataType), "Float32=0 Float16=2 BFloat16=9")]
    [InlineData(typeof(CudnnTensorFormat), "Nchw=0")]
    [InlineData(typeof(CudnnMathType), "Default=0 TensorOp=1 TensorOpAllowConversion=2 Fma=3")]
    [InlineData(typeof(CudnnConvolutionMode), "Convolution=0 CrossCorrelation=1")]
    [InlineData(typeof(CudnnNanPropagation), "DoNotPropagate=0 Propagate=1")]
    [InlineData(typeof(CudnnActivationMode), "Relu=1")]
    [InlineData(typeof(CudnnPoolingMode), "Max=0 AverageCountPadding=1 AverageOmitPadding=2 MaxDeterministic=3")]
    [InlineData(typeof(CudnnBatchNormMode), "PerActivation=0 Spatial=1 SpatialPersistent=2")]
    [InlineData(typeof(CudnnDeterminism), "NonDeterministic=0 Deterministic=1")]
    [InlineData(typeof(NvmlTemperatureSensor), "Gpu=0")]
    public void Values_AreTheHeaders(Type type, string documented)
    {
        var values = Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value => $"{Enum.GetName(type, value)}={value}");
        Assert.Equal(documented.Split(' '), values);
        Assert.Equal(4, System.Runtime.InteropServices.Marshal.SizeOf(Enum.GetUnderlyingType(type)));
    }

    [Fact]
    public void CriticalXidEvent_IsTheHeaders() => Assert.Equal(8ul, NvmlApi.CriticalXid);
}
