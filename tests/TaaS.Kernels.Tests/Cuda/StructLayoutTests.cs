using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Sizes and offsets as a C compiler gives them for the headers of CUDA 12.6, cuDNN 9.6 and NVML 13 on 64-bit Linux. A wrong one reads garbage on a GPU.</summary>
public sealed class StructLayoutTests
{
    [Theory]
    [InlineData(typeof(MatmulAlgorithm), 64)]
    [InlineData(typeof(MatmulHeuristicResult), 96)]
    [InlineData(typeof(AlgorithmPerformance), 48)]
    [InlineData(typeof(NvmlUtilization), 8)]
    [InlineData(typeof(NvmlMemory), 24)]
    [InlineData(typeof(NvmlEventData), 32)]
    [InlineData(typeof(GraphUpdateInfo), 24)]
    public void Size_IsTheHeaders(Type type, int bytes) => Assert.Equal(
        bytes,
        (int)typeof(Unsafe).GetMethod(nameof(Unsafe.SizeOf))!.MakeGenericMethod(type).Invoke(null, null)!);

    [Theory]
    [InlineData(typeof(MatmulHeuristicResult), "Algorithm", 0)]
    [InlineData(typeof(MatmulHeuristicResult), "WorkspaceBytes", 64)]
    [InlineData(typeof(MatmulHeuristicResult), "State", 72)]
    [InlineData(typeof(MatmulHeuristicResult), "WavesCount", 76)]
    [InlineData(typeof(AlgorithmPerformance), "Algorithm", 0)]
    [InlineData(typeof(AlgorithmPerformance), "Status", 4)]
    [InlineData(typeof(AlgorithmPerformance), "Time", 8)]
    [InlineData(typeof(AlgorithmPerformance), "WorkspaceBytes", 16)]
    [InlineData(typeof(AlgorithmPerformance), "Determinism", 24)]
    [InlineData(typeof(AlgorithmPerformance), "MathType", 28)]
    [InlineData(typeof(NvmlUtilization), "Gpu", 0)]
    [InlineData(typeof(NvmlUtilization), "Memory", 4)]
    [InlineData(typeof(NvmlMemory), "Total", 0)]
    [InlineData(typeof(NvmlMemory), "Free", 8)]
    [InlineData(typeof(NvmlMemory), "Used", 16)]
    [InlineData(typeof(NvmlEventData), "Device", 0)]
    [InlineData(typeof(NvmlEventData), "EventType", 8)]
    [InlineData(typeof(NvmlEventData), "Data", 16)]
    [InlineData(typeof(NvmlEventData), "GpuInstance", 24)]
    [InlineData(typeof(NvmlEventData), "ComputeInstance", 28)]
    [InlineData(typeof(GraphUpdateInfo), "Result", 0)]
    [InlineData(typeof(GraphUpdateInfo), "ErrorNode", 8)]
    [InlineData(typeof(GraphUpdateInfo), "ErrorFromNode", 16)]
    public void Offset_IsTheHeaders(Type type, string field, int bytes) => Assert.Equal(bytes, (int)Marshal.OffsetOf(type, field));
}
