using System.Text.Json;
using TaaS.Jobs;

namespace TaaS.Runtime.Tests.Running;

/// <summary>Whole compressed jobs in real processes. Lost otherwise: a setting that saves nothing, or that saves the learning too.</summary>
[Trait("Category", "process")]
public sealed class CompressedTrainingTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("taas-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Theory]
    [InlineData("none", "async", 1.0)]
    [InlineData("fp16", "sync", 0.5)]
    [InlineData("bf16", "async", 0.5)]
    [InlineData("topk", "async", 0.2)]
    [InlineData("topk", "sync", 0.2)]
    [InlineData("1bit", "sync", 0.2)]
    [InlineData("1bit", "async", 0.2)]
    [InlineData("2bit", "sync", 0.3)]
    public async Task Run_Compressed_LearnsWithFewerBytes(string compression, string mode, double share)
    {
        var job = TrainingJob.Parse(TinyJob.Yaml(mode, servers: 2, workers: 2, epochs: 2), [$"spec.update.compression={compression}"]);

        var result = await JobRunner.RunAsync(job, RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None);

        Assert.True(result.TestAccuracy > 0.9, $"accuracy {result.TestAccuracy}");
        var plain = (8L * 16 + 16 + 16 * 4 + 4) * sizeof(float) * (2 * 4_000 / 8);
        Assert.InRange(result.BytesPushed, 1, (long)(plain * share));
        Assert.True(result.BytesPulled >= plain, $"{result.BytesPulled} bytes pulled");
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(result.Folder, "result.json")));
        Assert.Equal((result.BytesPushed, result.BytesPulled), (json.RootElement.GetProperty("bytesPushed").GetInt64(), json.RootElement.GetProperty("bytesPulled").GetInt64()));
    }
}
