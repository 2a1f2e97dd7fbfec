namespace TaaS.Kernels.Cuda;

/// <summary>Picks an algorithm from what the library offers, best first.</summary>
internal static class AlgorithmChoice
{
    /// <summary>Position of the first that works, fits the workspace and keeps to the arithmetic asked for; −1 where none does.</summary>
    /// <param name="offers">Offers, the fastest first.</param>
    /// <param name="workspaceBytes">What there is to work in.</param>
    /// <param name="strict">Single precision throughout: no tensor cores.</param>
    internal static int Best(ReadOnlySpan<AlgorithmPerformance> offers, long workspaceBytes, bool strict)
    {
        for (var i = 0; i < offers.Length; i++)
        {
            var usesTensorCores = offers[i].MathType is CudnnMathType.TensorOp or CudnnMathType.TensorOpAllowConversion;
            if (offers[i].Status == CudnnStatus.Success && offers[i].WorkspaceBytes <= (nuint)workspaceBytes && !(strict && usesTensorCores))
            {
                return i;
            }
        }

        return -1;
    }
}
