using System.Diagnostics;
using System.Runtime.InteropServices;
using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Libraries of host memory under CUDA's names, compiled when a test first asks for them.</summary>
internal static class FakeLibraries
{
    private static readonly Lazy<string?> Compiler = new(FindCompiler);
    private static readonly Lazy<string> WholeSet = new(() => Compile(
        ("libcuda.so.1", "fake_cuda.c", ""),
        ("libcublasLt.so.12", "fake_cublaslt.c", ""),
        ("libcudnn.so.9", "fake_cudnn.c", ""),
        ("libnvidia-ml.so.1", "fake_nvml.c", "")));

    /// <summary>A folder with a library of each kind.</summary>
    public static string Folder => WholeSet.Value;

    /// <summary>Skips the test where there is nothing to compile with.</summary>
    public static void SkipUnlessCompilable()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the libraries stood in for are those of Linux");
        Skip.If(Compiler.Value is null, "no C compiler (cc or gcc) on this machine to build the stand-in libraries with");
    }

    /// <summary>Builds libraries into a folder that is removed when the process ends.</summary>
    public static string Compile(params (string File, string Source, string Options)[] libraries)
    {
        var folder = Directory.CreateTempSubdirectory("taas-fake-cuda-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        foreach (var (file, source, options) in libraries)
        {
            var path = Path.Combine(AppContext.BaseDirectory, "Cuda", "Fakes", source);
            var (code, errors) = Run(Compiler.Value!, $"-O1 -shared -fPIC {options} -o \"{Path.Combine(folder, file)}\" \"{path}\" -lm");
            Assert.True(code == 0, $"{source} does not compile: {errors}");
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

    private static string? FindCompiler()
    {
        foreach (var name in (string[])["cc", "gcc"])
        {
            try
            {
                if (Run(name, "--version").Code == 0)
                {
                    return name;
                }
            }
            catch (System.ComponentModel.Win32Exception)
            {
                // Not on this machine; the next name may be.
            }
        }

        return null;
    }

    private static (int Code, string Errors) Run(string command, string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        _ = output.Result;
        return (process.ExitCode, errors);
    }
}
