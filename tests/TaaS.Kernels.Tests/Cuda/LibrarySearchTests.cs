using TaaS.Kernels.Cuda;
using static TaaS.Kernels.Tests.Cuda.FaultyLoader;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Without these a machine with a missing, old or broken library would crash, or use it, instead of saying so.</summary>
public sealed class LibrarySearchTests
{
    [Fact]
    public void NoLibraryAtAll_SaysForEachWhatHappensInstead()
    {
        var libraries = new CudaLibraries(new FaultyLoader(), folders: null);
        Assert.Equal(
            [
                "NVIDIA driver: libcuda.so.1 not found; work runs on the CPU",
                "cuBLASLt: libcublasLt.so.13 or libcublasLt.so.12 not found; the engine's own kernels are used",
                "cuDNN: libcudnn.so.9 not found; the engine's own kernels are used",
                "NVML: libnvidia-ml.so.1 not found; GPUs are not monitored",
            ],
            libraries.Reports.Select(report => report.ToString()));
        Assert.All(libraries.Reports, report => Assert.False(report.Found));
        var error = Assert.Throws<CudaLibraryException>(() => libraries.Require(CudaLibrary.Driver));
        Assert.Equal("NVIDIA driver: libcuda.so.1 not found; work runs on the CPU", error.Message);
        Assert.Equal(CudaLibrary.Driver, error.Report.Library);
    }

    [Fact]
    public void DriverOnly_IsUsedAlone()
    {
        var libraries = new CudaLibraries(new FaultyLoader().File("libcuda.so.1", Versions.Driver12), folders: null);
        Assert.Equal("NVIDIA driver 12.4 (libcuda.so.1)", libraries.Report(CudaLibrary.Driver).ToString());
        libraries.Require(CudaLibrary.Driver);
        Assert.Equal([true, false, false, false], libraries.Reports.Select(report => report.Found));
    }

    [Fact]
    public void Everything_IsFoundWithItsVersion()
    {
        var loader = new FaultyLoader().File("libcuda.so.1", Versions.Driver12).File("libcublasLt.so.12", Versions.CublasLt12).File("libcudnn.so.9", Versions.Cudnn9).File("libnvidia-ml.so.1", Versions.Nvml);
        Assert.Equal(
            ["NVIDIA driver 12.4 (libcuda.so.1)", "cuBLASLt 12.6.3 (libcublasLt.so.12)", "cuDNN 9.10.2 (libcudnn.so.9)", "NVML 12.560.35.03 (libnvidia-ml.so.1)"],
            new CudaLibraries(loader, folders: null).Reports.Select(report => report.ToString()));
        Assert.Equal(4, loader.Held);
    }

    [Fact]
    public void TooOldDriver_IsRefusedAndLetGo()
    {
        var loader = new FaultyLoader().File("libcuda.so.1", Versions.Driver11);
        var libraries = new CudaLibraries(loader, folders: null);
        Assert.Equal("NVIDIA driver: libcuda.so.1 is version 11.8, CUDA 12.0 or later is needed; work runs on the CPU", libraries.Report(CudaLibrary.Driver).ToString());
        Assert.False(libraries.Has(CudaLibrary.Driver));
        Assert.Throws<CudaLibraryException>(() => libraries.Require(CudaLibrary.Driver));
        Assert.Equal(0, loader.Held);
    }

    [Fact]
    public void DriverThatAnswersWithAnError_IsRefused()
    {
        var libraries = new CudaLibraries(new FaultyLoader().File("libcuda.so.1", Versions.DriverFails), folders: null);
        Assert.Equal(
            "NVIDIA driver: libcuda.so.1 does not tell its version: cuDriverGetVersion: CUDA_ERROR_STUB_LIBRARY (34); work runs on the CPU",
            libraries.Report(CudaLibrary.Driver).ToString());
    }

    [Fact]
    public void Cudnn8UnderTheNameOf9_IsRefused()
    {
        var libraries = new CudaLibraries(new FaultyLoader().File("libcudnn.so.9", Versions.Cudnn8), folders: null);
        Assert.Equal("cuDNN: libcudnn.so.9 is version 8.9.7, 9 is needed; the engine's own kernels are used", libraries.Report(CudaLibrary.Cudnn).ToString());
    }

    [Theory]
    [InlineData("cudnnBatchNormalizationBackward")]
    [InlineData("cudnnGetVersion")]
    [InlineData("cudnnCreate")]
    public void MissingExport_IsRefusedByName(string missing)
    {
        var report = new CudaLibraries(new FaultyLoader().File("libcudnn.so.9", Versions.Cudnn9, missing), folders: null).Report(CudaLibrary.Cudnn);
        Assert.False(report.Found);
        Assert.EndsWith($"lacks {missing}; the engine's own kernels are used", report.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain('\n', report.ToString());
    }

    [Fact]
    public void NewerOfTwo_IsTakenAndTheOlderNotTried()
    {
        var loader = new FaultyLoader().File("libcublasLt.so.13", Versions.CublasLt13).File("libcublasLt.so.12", Versions.CublasLt12);
        Assert.Equal("cuBLASLt 13.1.1 (libcublasLt.so.13)", new CudaLibraries(loader, folders: null).Report(CudaLibrary.CublasLt).ToString());
        Assert.Equal(["libcublasLt.so.13"], loader.Tried);
    }

    [Fact]
    public void UnusableNewerOfTwo_LeavesTheOlder()
    {
        var loader = new FaultyLoader().File("libcublasLt.so.13", Versions.CublasLt11).File("libcublasLt.so.12", Versions.CublasLt12);
        Assert.Equal("cuBLASLt 12.6.3 (libcublasLt.so.12)", new CudaLibraries(loader, folders: null).Report(CudaLibrary.CublasLt).ToString());
        Assert.Equal(1, loader.Held);
    }

    [Fact]
    public void PathVariable_IsSearchedBeforeTheSystem()
    {
        var loader = new FaultyLoader().Folder("/opt/a").Folder("/opt/b")
            .File("/opt/b/libcudnn.so.9", Versions.Cudnn9).File("libcudnn.so.9", Versions.Cudnn8);
        Assert.Equal("cuDNN 9.10.2 (/opt/b/libcudnn.so.9)", new CudaLibraries(loader, "/opt/a:/opt/b").Report(CudaLibrary.Cudnn).ToString());
        Assert.Equal(["/opt/b/libcudnn.so.9"], loader.Tried);
    }

    [Fact]
    public void PathVariable_FolderThatDoesNotExist_IsNamedOnlyWhereItMatters()
    {
        var loader = new FaultyLoader().File("libcuda.so.1", Versions.Driver12);
        var libraries = new CudaLibraries(loader, "/nowhere");
        Assert.Equal("NVIDIA driver 12.4 (libcuda.so.1)", libraries.Report(CudaLibrary.Driver).ToString());
        Assert.Equal(
            "cuDNN: not found (TAAS_CUDA_PATH: no folder /nowhere); the engine's own kernels are used",
            libraries.Report(CudaLibrary.Cudnn).ToString());
    }

    [Fact]
    public void PathVariable_FileThatDoesNotLoad_IsNamed()
    {
        var loader = new FaultyLoader().Folder("/opt/arm").BrokenFile("/opt/arm/libcudnn.so.9");
        Assert.Equal(
            "cuDNN: /opt/arm/libcudnn.so.9 does not load: it is for another machine, or a library it needs is missing; the engine's own kernels are used",
            new CudaLibraries(loader, "/opt/arm").Report(CudaLibrary.Cudnn).ToString());
    }

    [Fact]
    public void SearchRunsOnce()
    {
        var loader = new FaultyLoader();
        var libraries = new CudaLibraries(loader, folders: null);
        Assert.Equal(libraries.Reports, libraries.Reports);
        Assert.Equal(["libcuda.so.1", "libcublasLt.so.13", "libcublasLt.so.12", "libcudnn.so.9", "libnvidia-ml.so.1"], loader.Tried);
    }
}
