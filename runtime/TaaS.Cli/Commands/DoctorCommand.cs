using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Spectre.Console;
using TaaS.Kernels.Cuda;

namespace TaaS.Cli.Commands;

/// <summary><c>taas doctor</c>: what this machine offers for training.</summary>
internal static class DoctorCommand
{
    // Of a file or a pipe, so that no line is broken.
    private const int PlainWidth = 160;

    public static Command Create()
    {
        var command = new Command("doctor", "Show what this machine offers: cores, SIMD, GPUs, libraries, data.");
        command.SetAction(_ => Run());
        return command;
    }

    private static int Run()
    {
        if (Console.IsOutputRedirected)
        {
            AnsiConsole.Profile.Width = PlainWidth;
        }

        var table = new Table().Border(TableBorder.Rounded).AddColumns("What", "Found", "So");
        table.AddRow("processor", Markup.Escape(FirstValue("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString()), "");
        table.AddRow("cores", Environment.ProcessorCount.ToString(CultureInfo.InvariantCulture), "shared out among the roles of a local job");
        table.AddRow("memory", $"{GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1L << 30)} GiB", "");
        table.AddRow("SIMD", Simd(), SimdConsequence());
        table.AddRow("runtime", Markup.Escape($"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.OSDescription}"), "");
        AddGpus(table);
        table.AddRow("OpenBLAS", Loads("libopenblas.so.0") ? "yes" : "no", "only a peer in benchmarks (package libopenblas0-pthread)");
        var data = File.Exists("/usr/share/datasets/fashion-mnist/train-images-idx3-ubyte.gz");
        table.AddRow("Fashion-MNIST", data ? "yes" : "no", data ? "the example job can run" : "apt-get install dataset-fashion-mnist");
        AnsiConsole.Write(table);
        return ExitCode.Success;
    }

    private static string Simd() =>
        Vector512.IsHardwareAccelerated ? "AVX-512"
        : Vector256.IsHardwareAccelerated ? "AVX2"
        : Vector128.IsHardwareAccelerated ? "128-bit vectors"
        : "none";

    private static string SimdConsequence() =>
        Vector512.IsHardwareAccelerated ? "16 floats an instruction"
        : Vector256.IsHardwareAccelerated ? "8 floats an instruction"
        : "slow: kernels are tuned for AVX2 and AVX-512";

    private static void AddGpus(Table table)
    {
        var gpus = GpuNames();
        table.AddRow(
            "NVIDIA GPUs",
            gpus.Count == 0 ? "0" : Markup.Escape($"{gpus.Count}: {string.Join(", ", gpus)}"),
            gpus.Count == 0 ? "training runs on the CPU" : "seen by the driver; this release trains on the CPU");
        foreach (var library in CudaLibraries.Installed.Reports)
        {
            table.AddRow(
                library.Title,
                Markup.Escape(library.Version ?? "no"),
                Markup.Escape(library.File ?? $"{library.Problem}; {library.Otherwise}"));
        }
    }

    /// <summary>Models as the driver's kernel module lists them; empty without a driver.</summary>
    private static List<string> GpuNames()
    {
        const string driverFolder = "/proc/driver/nvidia/gpus";
        var names = new List<string>();
        if (Directory.Exists(driverFolder))
        {
            foreach (var gpu in Directory.GetDirectories(driverFolder))
            {
                names.Add(FirstValue(Path.Combine(gpu, "information"), "Model") ?? Path.GetFileName(gpu));
            }
        }

        return names;
    }

    /// <summary>The first "key: value" of a file under /proc.</summary>
    private static string? FirstValue(string path, string key)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        foreach (var line in File.ReadLines(path))
        {
            if (line.StartsWith(key, StringComparison.Ordinal) && line.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon)
            {
                return line[(colon + 1)..].Trim();
            }
        }

        return null;
    }

    private static bool Loads(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle))
        {
            return false;
        }

        NativeLibrary.Free(handle);
        return true;
    }
}
