using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>
/// cudnnConvolutionFwdAlgoPerf_t, and those of the two backward directions, which have the same layout:
/// an algorithm that may do a convolution, and what it needs.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct AlgorithmPerformance
{
    /// <summary>The direction's own number.</summary>
    internal int Algorithm;

    /// <summary>Success, or why it cannot.</summary>
    internal CudnnStatus Status;

    /// <summary>Milliseconds, where measured.</summary>
    internal float Time;

    internal nuint WorkspaceBytes;
    internal CudnnDeterminism Determinism;
    internal CudnnMathType MathType;
    private readonly int _reserved0;
    private readonly int _reserved1;
    private readonly int _reserved2;
}
