using System.Text.Json;

namespace TaaS.EndToEnd.Tests;

/// <summary>The main job as a user runs it: the command, its processes, what it leaves.</summary>
[Trait("Category", "process")]
public sealed class TrainingTests
{
    [Theory]
    [InlineData("async")]
    [InlineData("sync")]
    public async Task Train_OneServerTwoWorkers_LearnsAndLeavesItsFiles(string mode)
    {
        using var place = new Workplace();
        var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--set", $"spec.update.mode={mode}", "--set", "spec.epochs=2");

        run.AssertSucceeded();
        Assert.Equal("", run.Errors);
        var result = place.Result();
        Assert.True(result.GetProperty("testAccuracy").GetDouble() > 0.9, result.GetRawText());
        Assert.Equal(mode, result.GetProperty("updateMode").GetString());
        Assert.Equal(1, result.GetProperty("ps").GetInt32());
        Assert.Equal(2, result.GetProperty("workers").GetInt32());
        Assert.Equal(2, result.GetProperty("epochs").GetInt32());
        Assert.True(result.GetProperty("imagesPerSecond").GetDouble() > 0);
        Assert.True(result.GetProperty("wallSeconds").GetDouble() > 0);
        Assert.Contains("result.json", run.Output, StringComparison.Ordinal);
        foreach (var role in new[] { "ps-0", "worker-0", "worker-1" })
        {
            Assert.Contains("ended: exit code 0", File.ReadAllText(Path.Combine(place.RunFolder(), "logs", $"{role}.log")), StringComparison.Ordinal);
        }

        Assert.Contains("spec", File.ReadAllText(Path.Combine(place.RunFolder(), "spec.yaml")), StringComparison.Ordinal);
        foreach (var line in File.ReadLines(Path.Combine(place.RunFolder(), "metrics.jsonl")))
        {
            using var parsed = JsonDocument.Parse(line);
        }
    }

    [Theory]
    [InlineData("topk", 60)]
    [InlineData("1bit", 25)]
    [InlineData("2bit", 14)]
    public async Task Train_Compressed_LearnsAndPushesAFractionOfTheBytes(string compression, int times)
    {
        using var place = new Workplace();
        var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--set", $"spec.update.compression={compression}", "--set", "spec.update.mode=sync", "--set", "spec.epochs=3");

        run.AssertSucceeded();
        var result = place.Result();
        Assert.True(result.GetProperty("testAccuracy").GetDouble() > 0.9, result.GetRawText());
        // As many bytes as are pulled would be pushed without compression.
        Assert.InRange(result.GetProperty("bytesPushed").GetInt64(), 1, result.GetProperty("bytesPulled").GetInt64() / times);
    }

    [Fact]
    public async Task Train_Ring_LearnsWithoutAServerTheBitsOfSync()
    {
        using var place = new Workplace();
        var ring = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--name", "ring", "--set", "spec.strategy=ring", "--set", "spec.replicas.ps.count=0", "--set", "spec.update.mode=sync");
        var sync = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--name", "sync", "--set", "spec.update.mode=sync");

        ring.AssertSucceeded();
        sync.AssertSucceeded();
        Assert.Equal(0, place.Result("ring").GetProperty("ps").GetInt32());
        Assert.Equal(place.Result("sync").GetProperty("testAccuracy").GetDouble(), place.Result("ring").GetProperty("testAccuracy").GetDouble());
        Assert.Equal(File.ReadAllBytes(place.Checkpoint("sync")), File.ReadAllBytes(place.Checkpoint("ring")));
    }

    [Fact]
    public async Task Train_LocalTwiceWithOneSeed_GivesTheSameBits()
    {
        using var place = new Workplace();
        foreach (var name in new[] { "first", "second" })
        {
            var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--local", "--name", name);
            run.AssertSucceeded();
        }

        Assert.Equal(File.ReadAllBytes(place.Checkpoint("first")), File.ReadAllBytes(place.Checkpoint("second")));
        Assert.Contains("test accuracy", File.ReadAllText(Path.Combine(place.RunFolder("first"), "logs", "local.log")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Eval_CheckpointOfARun_ScoresWhatTheRunReported()
    {
        using var place = new Workplace();
        var run = await TaasCommand.RunAsync(place.Folder, "train", place.JobFile, "--local");
        run.AssertSucceeded();

        var eval = await TaasCommand.RunAsync(place.Folder, "eval", place.JobFile, "--checkpoint", place.Checkpoint());

        eval.AssertSucceeded();
        var expected = place.Result().GetProperty("testAccuracy").GetDouble();
        Assert.Contains(FormattableString.Invariant($"test accuracy {expected:F4}"), eval.Output, StringComparison.Ordinal);
    }
}
