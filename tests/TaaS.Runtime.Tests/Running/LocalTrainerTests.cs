using TaaS.Engine;

namespace TaaS.Runtime.Tests.Running;

/// <summary>Training in one process. Lost otherwise: runs that cannot be repeated or gone on with.</summary>
public sealed class LocalTrainerTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("taas-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact]
    public async Task SameSeed_Twice_SameBits()
    {
        var first = await TrainAsync(epochs: 1);
        var second = await TrainAsync(epochs: 1);

        Assert.NotEqual(first.Checkpoint, second.Checkpoint);
        Assert.Equal(File.ReadAllBytes(first.Checkpoint), File.ReadAllBytes(second.Checkpoint));
        Assert.Equal(first.TestLoss, second.TestLoss);
    }

    [Fact]
    public async Task Resume_AfterOneEpoch_SameBitsAsTwoInOneGo()
    {
        var whole = await TrainAsync(epochs: 2);
        var half = await TrainAsync(epochs: 1);

        var resumed = await TrainAsync(epochs: 2, half.Checkpoint);

        Assert.Equal(File.ReadAllBytes(whole.Checkpoint), File.ReadAllBytes(resumed.Checkpoint));
    }

    [Fact]
    public async Task OneWorkerAndServer_Sync_SameBitsAsLocal()
    {
        var local = await TrainAsync(epochs: 1);

        var remote = await JobRunner.RunAsync(TinyJob.Parse("sync", 2, 1, epochs: 1), RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None);

        Assert.Equal(File.ReadAllBytes(local.Checkpoint), File.ReadAllBytes(remote.Checkpoint));
    }

    [Fact]
    public async Task Cancel_InTheMiddle_LeavesACheckpoint()
    {
        using var cancel = new CancellationTokenSource();
        var probe = new ProgressProbe();
        var run = LocalTrainer.RunAsync(TinyJob.Parse("sync", 1, 1, epochs: 10_000), RoleProgram.Options(_runs), probe, cancel.Token);
        await probe.TrainsAsync("local");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.True(File.Exists(Path.Combine(_runs, "tiny", "checkpoint.safetensors")));
    }

    [Fact]
    public async Task Resume_FromAnotherModelsFile_IsRefused()
    {
        var path = Path.Combine(_runs, "other.safetensors");
        Engine.Formats.SafeTensors.Save(path, new Dictionary<string, Tensor> { ["x"] = Tensor.Zeros(new Kernels.Shape(2), Kernels.Reference.ReferenceDevice.Instance) });

        var error = await Assert.ThrowsAsync<CheckpointException>(() => TrainAsync(epochs: 1, path));

        Assert.Contains("was not written by a training run", error.Message, StringComparison.Ordinal);
    }

    private Task<RunResult> TrainAsync(int epochs, string? resume = null) =>
        LocalTrainer.RunAsync(TinyJob.Parse("sync", 1, 1, epochs), RoleProgram.Options(_runs) with { ResumeFrom = resume }, new ProgressProbe(), CancellationToken.None);
}
