using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Spectre.Console;
using TaaS.Kernels.Cuda;
using TaaS.Runtime;

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
        var gpus = CudaGpu.List();
        if (gpus.Count == 0)
        {
            table.AddRow("NVIDIA GPUs", "0", "training runs on the CPU");
        }

        foreach (var gpu in gpus)
        {
            table.AddRow($"GPU {gpu.Ordinal}", Markup.Escape(Describe(gpu)), $"--set spec.device=cuda:{gpu.Ordinal}");
        }

        foreach (var library in CudaLibraries.Installed.Reports)
        {
            table.AddRow(
                library.Title,
                Markup.Escape(library.Version ?? "no"),
                Markup.Escape(library.File ?? $"{library.Problem}; {library.Otherwise}"));
        }
    }

    private static string Describe(CudaGpu gpu)
    {
        string?[] parts =
        [
            gpu.Name,
            gpu.Sensors is { MemoryUsedBytes: { } used, MemoryTotalBytes: { } total } ? $"{used >> 30} of {total >> 30} GiB in use" : $"{gpu.MemoryBytes >> 30} GiB",
            gpu.Sensors?.GpuPercent is { } busy ? $"{busy} % busy" : null,
            gpu.Sensors?.TemperatureCelsius is { } celsius ? $"{celsius} °C" : null,
            gpu.Sensors?.PowerWatts is { } watts ? string.Create(CultureInfo.InvariantCulture, $"{watts:F0} W") : null,
        ];
        return string.Join(", ", parts.OfType<string>());
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
