using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>cublasLtMatmulAlgo_t: 64 bytes that only the library reads.</summary>
[InlineArray(8)]
internal struct MatmulAlgorithm
{
    private ulong _first;
}

/// <summary>cublasLtMatmulHeuristicResult_t: an algorithm that can do a problem, and what it needs.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MatmulHeuristicResult
{
    internal MatmulAlgorithm Algorithm;
    internal nuint WorkspaceBytes;
    internal CublasStatus State;
    internal float WavesCount;
    private readonly ulong _reserved0;
    private readonly ulong _reserved1;
}
