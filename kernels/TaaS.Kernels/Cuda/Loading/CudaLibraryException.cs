namespace TaaS.Kernels.Cuda;

/// <summary>A CUDA library was needed that this machine lacks, or has in a version the engine cannot use.</summary>
public sealed class CudaLibraryException : DeviceException
{
    internal CudaLibraryException(LibraryReport report)
        : base(report.ToString()) => Report = report;

    /// <summary>What was found instead.</summary>
    public LibraryReport Report { get; }
}
