namespace TaaS.Kernels.Cuda;

/// <summary>How a library is found and what is asked of it before it is used.</summary>
/// <param name="Library">Which one.</param>
/// <param name="LogicalName">What the import declarations call it.</param>
/// <param name="Title">What people call it.</param>
/// <param name="Files">File names, the most wanted first.</param>
/// <param name="VersionFunction">The function that tells the version.</param>
/// <param name="ReadVersion">Calls that function, given its address.</param>
/// <param name="Wanted">The versions that will do, in words.</param>
/// <param name="OldestMajor">First major version that will do.</param>
/// <param name="NewestMajor">Last major version that will do.</param>
/// <param name="EntryPoints">Every function the engine calls.</param>
/// <param name="Otherwise">What happens without it.</param>
internal sealed record LibrarySpecification(
    CudaLibrary Library,
    string LogicalName,
    string Title,
    string[] Files,
    string VersionFunction,
    Func<nint, LibraryVersion> ReadVersion,
    string Wanted,
    int OldestMajor,
    int NewestMajor,
    string[] EntryPoints,
    string Otherwise)
{
    /// <summary>All of them, in the order of <see cref="CudaLibrary"/>.</summary>
    internal static readonly LibrarySpecification[] All =
    [
        new(CudaLibrary.Driver, DriverApi.Name, "NVIDIA driver", ["libcuda.so.1"], "cuDriverGetVersion", LibraryVersion.OfDriver, "CUDA 12.0 or later", 12, int.MaxValue, DriverApi.EntryPoints, "work runs on the CPU"),
        new(CudaLibrary.CublasLt, CublasLtApi.Name, "cuBLASLt", ["libcublasLt.so.13", "libcublasLt.so.12"], "cublasLtGetVersion", LibraryVersion.OfCublasLt, "12 or 13", 12, 13, CublasLtApi.EntryPoints, "the engine's own kernels are used"),
        new(CudaLibrary.Cudnn, CudnnApi.Name, "cuDNN", ["libcudnn.so.9"], "cudnnGetVersion", LibraryVersion.OfCudnn, "9", 9, 9, CudnnApi.EntryPoints, "the engine's own kernels are used"),
        new(CudaLibrary.Nvml, NvmlApi.Name, "NVML", ["libnvidia-ml.so.1"], "nvmlSystemGetNVMLVersion", LibraryVersion.OfNvml, "any", int.MinValue, int.MaxValue, NvmlApi.EntryPoints, "GPUs are not monitored"),
    ];
}
