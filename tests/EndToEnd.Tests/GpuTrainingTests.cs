using System.Globalization;
using System.Text.Json;
using TaaS.SoftwareGpu;

namespace TaaS.EndToEnd.Tests;

/// <summary>The main job on a GPU of software: the same model, the same code, the kernels as a GPU would get them.</summary>
public sealed class GpuTrainingTests
{
    private static readonly string[] OnGpu = ["--set", "spec.device=cuda:0"];

    [SkippableFact]
    public async Task Train_OnAGpu_GivesTheModelThatTheProcessorGives()
    {
        using var place = new Workplace(trainSamples: 64, testSamples: 16);
        (await TrainAsync(place, [], "--local", "--name", "on-cpu")).AssertSucceeded();
        (await TrainAsync(place, GpuVariables(), ["--local", "--name", "on-gpu", .. OnGpu])).AssertSucceeded();
        var (cpu, gpu) = (TestLoss(place, "on-cpu"), TestLoss(place, "on-gpu"));
        Assert.InRange(gpu, cpu * 0.999, cpu * 1.001);
    }

    [SkippableFact]
    public async Task Train_WithAServer_WorkerOnAGpu()
    {
        using var place = new Workplace(trainSamples: 64, testSamples: 16);
        (await TrainAsync(place, GpuVariables(), ["--set", "spec.replicas.worker.count=1", .. OnGpu])).AssertSucceeded();
        Assert.True(TestLoss(place, "small") > 0);
    }

    [SkippableFact]
    public async Task Train_GpuThatFails_EndsInOneLine()
    {
        using var place = new Workplace(trainSamples: 64, testSamples: 16);
        var result = await TrainAsync(place, [.. GpuVariables(), ("SOFTWARE_GPU_FAIL_LAUNCH", "50")], ["--local", .. OnGpu]);
        Assert.Equal(1, result.ExitCode);
        var said = Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => line.StartsWith("taas:", StringComparison.Ordinal));
        Assert.Contains("CUDA_ERROR_LAUNCH_FAILED (719), unspecified launch failure; this process has lost the GPU", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Errors, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Doctor_NamesTheGpusAndHowToTrainOnThem()
    {
        using var place = new Workplace(trainSamples: 1, testSamples: 1);
        var result = await TaasCommand.RunAsync(place.Folder, GpuVariables(), "doctor");
        result.AssertSucceeded();
        Assert.Matches(@"GPU 1 +│ Software Two, 1 GiB +│ --set spec\.device=cuda:1", result.Output);
    }

    private static (string, string)[] GpuVariables()
    {
        Skip.IfNot(OperatingSystem.IsLinux() && CCompiler.IsHere, "no C compiler on this machine to build the software GPU with");
        return [("LD_LIBRARY_PATH", SoftwareDriver.Folder)];
    }

    private static Task<CommandResult> TrainAsync(Workplace place, (string, string)[] variables, params string[] options) =>
        TaasCommand.RunAsync(place.Folder, variables, ["train", place.JobFile, "--set", "spec.batchSize=16", .. options]);

    private static double TestLoss(Workplace place, string name) =>
        JsonDocument.Parse(File.ReadLines(place.Metrics(name)).Last()).RootElement.GetProperty("testLoss").GetDouble();
}
