using System.Diagnostics;
using System.Text.Json.Nodes;
using TaaS.SoftwareGpu;

namespace TaaS.Benchmarks.Gpu.Tests;

/// <summary>
/// What a machine with a GPU is to run, as it is to run it, on a GPU of software: the kernels as ILGPU compiles them for one, each access checked,
/// through the driver's own calls. It fails on a read or a write outside of a buffer, on a race, and on a barrier that not all threads reach.
/// </summary>
public sealed class SoftwareGpuTests
{
    [SkippableFact]
    public void Conformance_IsGreen()
    {
        var report = Run(("TAAS_GPU_EXACT_MEMORY", "1"), "--only", "conformance");
        var checks = report["conformance"]!["checks"]!.AsArray();
        Assert.All(checks, check => Assert.Null(check!["failure"]));
        Assert.True(checks.Count > 200, $"{checks.Count} checks");
    }

    [SkippableFact]
    public void Benchmarks_EveryCase_RunsAndIsRight()
    {
        var cases = Run(("PYTHON", "no-python"), "--only", "benchmarks", "--tiny", "--rounds", "1")["cases"]!.AsArray();
        Assert.All(cases, one => Assert.Null(one!["problem"]));
        Assert.All(cases, one => Assert.True(one!["oursFrozen"] is not null, $"{one["operation"]} cannot be frozen"));
    }

    private static JsonNode Run((string Name, string Value) variable, params string[] options)
    {
        Skip.IfNot(OperatingSystem.IsLinux() && CCompiler.IsHere, "no C compiler on this machine to build the software GPU with");
        var results = Directory.CreateTempSubdirectory("taas-software-gpu-").FullName;
        try
        {
            var start = new ProcessStartInfo("bash", [Path.Combine(AppContext.BaseDirectory, "run.sh"), results, .. options]) { RedirectStandardError = true, RedirectStandardOutput = true };
            start.Environment["LD_LIBRARY_PATH"] = SoftwareDriver.Folder;
            start.Environment[variable.Name] = variable.Value;
            using var process = Process.Start(start)!;
            var output = process.StandardOutput.ReadToEndAsync();
            var errors = process.StandardError.ReadToEnd();
            process.WaitForExit();
            Assert.True(process.ExitCode == 0, $"exit code {process.ExitCode}\n{output.Result}\n{errors}");
            return JsonNode.Parse(File.ReadAllText(Path.Combine(results, "gpu.json")))!;
        }
        finally
        {
            Directory.Delete(results, recursive: true);
        }
    }
}
