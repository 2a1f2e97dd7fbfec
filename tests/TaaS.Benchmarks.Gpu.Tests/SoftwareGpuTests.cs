using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;
using TaaS.SoftwareGpu;

namespace TaaS.Benchmarks.Gpu.Tests;

/// <summary>
/// What a machine with a GPU is to run, as it is to run it, on a GPU of software: the kernels as ILGPU compiles them for one, each access checked,
/// through the driver's own calls. It fails on a read or a write outside of a buffer, on a race, and on a barrier that not all threads reach.
/// </summary>
public sealed class SoftwareGpuTests
{
    /// <summary>Of the one file that build.sh makes, which is what travels.</summary>
    [SkippableFact]
    public void Conformance_OfTheBuiltFile_IsGreen()
    {
        SkipUnlessCompilable();
        var folder = Directory.CreateTempSubdirectory("taas-harness-").FullName;
        var script = typeof(SoftwareGpuTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == "HarnessBuild").Value!;
        RunScript(new ProcessStartInfo("bash", [script, Path.Combine(folder, "gpu")]));
        var checks = Run(Path.Combine(folder, "gpu"), ("TAAS_GPU_EXACT_MEMORY", "1"), "--only", "conformance")["conformance"]!["checks"]!.AsArray();
        Assert.All(checks, check => Assert.Null(check!["failure"]));
        Assert.True(checks.Count > 200, $"{checks.Count} checks");
        Directory.Delete(folder, recursive: true);
    }

    [SkippableFact]
    public void Benchmarks_EveryCase_RunsAndIsRight()
    {
        var cases = Run(AppContext.BaseDirectory, ("PYTHON", "no-python"), "--only", "benchmarks", "--tiny", "--rounds", "1")["cases"]!.AsArray();
        Assert.All(cases, one => Assert.Null(one!["problem"]));
        Assert.All(cases, one => Assert.True(one!["oursFrozen"] is not null, $"{one["operation"]} cannot be frozen"));
    }

    [SkippableFact]
    public void Profile_TellsWhatAKernelMoves()
    {
        var table = Path.GetTempFileName();
        Run(AppContext.BaseDirectory, ("SOFTWARE_GPU_PROFILE", table), "--only", "benchmarks", "--tiny", "--rounds", "1", "--filter", "vector-add");
        var add = File.ReadLines(table).Select(line => line.Split('\t')).Single(columns => columns[0] == "Kernel_Contiguous");
        File.Delete(table);
        var (launches, asked, moved) = (long.Parse(add[1], CultureInfo.InvariantCulture), long.Parse(add[3], CultureInfo.InvariantCulture), long.Parse(add[4], CultureInfo.InvariantCulture));

        // Two thousand floats read, one thousand written, and no byte more.
        Assert.Equal((launches * 3 * 1000 * sizeof(float), asked), (asked, moved));
    }

    /// <summary>Each tool of the sanitizer runs the suite on buffers of exactly their size; one that finds something ends it.</summary>
    [SkippableTheory]
    [InlineData("exit 0", 0, "memcheck racecheck ")]
    [InlineData("exit 1", 1, "memcheck ")]
    public void Sanitize_RunsTheSuiteUnderEachTool(string end, int code, string tools)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "the harness is built for Linux");
        var folder = Directory.CreateTempSubdirectory("taas-sanitize-").FullName;
        var sanitizer = Path.Combine(folder, "compute-sanitizer");
        File.WriteAllText(sanitizer, $"#!/bin/sh\n[ \"$TAAS_GPU_EXACT_MEMORY\" = 1 ] && [ \"$1\" = --tool ] && [ \"$5\" = \"$0\" ] && [ \"$8\" = --only ] && printf '%s ' \"$2\"\n{end}\n");
        Process.Start("chmod", ["+x", sanitizer]).WaitForExit();
        var start = new ProcessStartInfo("bash", [Path.Combine(AppContext.BaseDirectory, "run.sh"), folder, "--sanitize"]) { RedirectStandardOutput = true };
        start.Environment["PATH"] = folder + ":" + start.Environment["PATH"];
        start.Environment["TAAS_GPU_BENCH"] = sanitizer;
        using var process = Process.Start(start)!;
        Assert.Equal(tools, process.StandardOutput.ReadToEnd());
        process.WaitForExit();
        Assert.Equal(code, process.ExitCode);
        Directory.Delete(folder, recursive: true);
    }

    private static JsonNode Run(string harness, (string Name, string Value) variable, params string[] options)
    {
        SkipUnlessCompilable();
        var results = Directory.CreateTempSubdirectory("taas-software-gpu-").FullName;
        var start = new ProcessStartInfo("bash", [Path.Combine(harness, "run.sh"), results, .. options]);
        start.Environment["LD_LIBRARY_PATH"] = SoftwareDriver.Folder;
        start.Environment[variable.Name] = variable.Value;
        RunScript(start);
        var report = JsonNode.Parse(File.ReadAllText(Path.Combine(results, "gpu.json")))!;
        Directory.Delete(results, recursive: true);
        return report;
    }

    private static void RunScript(ProcessStartInfo start)
    {
        start.RedirectStandardError = start.RedirectStandardOutput = true;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{output.Result}\n{errors}");
    }

    private static void SkipUnlessCompilable() => Skip.IfNot(OperatingSystem.IsLinux() && CCompiler.IsHere, "no C compiler on this machine to build the software GPU with");
}
