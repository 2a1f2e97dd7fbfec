using System.Runtime.InteropServices;

namespace TaaS.Kernels.Cuda;

/// <summary>CUgraphExecUpdateResultInfo: what kept a graph from being updated in place.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct GraphUpdateInfo
{
    internal GraphUpdateResult Result;
    internal nint ErrorNode;
    internal nint ErrorFromNode;
}
