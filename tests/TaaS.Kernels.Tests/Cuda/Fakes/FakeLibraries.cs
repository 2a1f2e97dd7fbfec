using System.Runtime.InteropServices;
using TaaS.Kernels.Cuda;
using TaaS.SoftwareGpu;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Libraries under CUDA's names, compiled when a test first asks for them: the driver is the software GPU's, the others are plain loops on its memory.</summary>
internal static class FakeLibraries
{
    private static readonly Lazy<string> WholeSet = new(() =>
    {
        var folder = Compile(("libcublasLt.so.12", "fake_cublaslt.c", ""), ("libcudnn.so.9", "fake_cudnn.c", ""), ("libnvidia-ml.so.1", "fake_nvml.c", ""));

        // The same file as every other test's, loaded once: what the libraries wait for is in it.
        File.CreateSymbolicLink(Path.Combine(folder, SoftwareDriver.File), Path.Combine(SoftwareDriver.Folder, SoftwareDriver.File));
        return folder;
    });

    /// <summary>A folder with a library of each kind.</summary>
    public static string Folder => WholeSet.Value;

    /// <summary>Skips the test where there is nothing to compile with.</summary>
    public static void SkipUnlessCompilable()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the libraries stood in for are those of Linux");
        Skip.IfNot(CCompiler.IsHere, "no C compiler (cc or gcc) on this machine to build the stand-in libraries with");
    }

    /// <summary>Builds libraries into a folder that is removed when the process ends.</summary>
    public static string Compile(params (string File, string Source, string Options)[] libraries)
    {
        var folder = Directory.CreateTempSubdirectory("taas-fake-cuda-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var (file, source, options) in libraries)
        {
            CCompiler.BuildLibrary(Path.Combine(folder, file), [Path.Combine(AppContext.BaseDirectory, "Cuda", "Fakes", source)], options);
        }

        return folder;
    }

    /// <summary>Runs a static method of the tests on a copy of the engine that sees the stand-in libraries.</summary>
    public static void Run(Action scenario)
    {
        SkipUnlessCompilable();
        EngineCopy.WithFakes.Run(scenario);
    }

    /// <summary>What a stand-in library counts. For scenarios.</summary>
    public static unsafe int Count(CudaLibrary library, string counter)
    {
        var handle = NativeLibrary.Load(CudaLibraries.Installed.Report(library).File!);
        return ((delegate* unmanaged<int>)NativeLibrary.GetExport(handle, counter))();
    }
}
