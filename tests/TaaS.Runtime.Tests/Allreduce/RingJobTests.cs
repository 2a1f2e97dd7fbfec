using TaaS.Jobs;
using TaaS.Runtime.Tests.Running;

namespace TaaS.Runtime.Tests.Allreduce;

/// <summary>Whole ring jobs in real processes, some of which get killed. Lost otherwise: jobs that hang, and runs that cannot be gone on with.</summary>
[Trait("Category", "process")]
public sealed class RingJobTests : IDisposable
{
    private static readonly TimeSpan Stated = TimeSpan.FromSeconds(10);

    private readonly string _runs = Directory.CreateTempSubdirectory("taas-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact]
    public async Task Run_ThreeWorkers_LearnsWithoutAServer()
    {
        var probe = new ProgressProbe();

        var result = await JobRunner.RunAsync(Job(3, epochs: 2), RoleProgram.Options(_runs), probe, CancellationToken.None);

        Assert.True(result.TestAccuracy > 0.9, $"accuracy {result.TestAccuracy}");
        Assert.Equal((0, 3, "sync"), (result.Ps, result.Workers, result.UpdateMode));
        Assert.Contains(probe.Reports, report => report is { Role: "worker-2", Epoch: 2 });
        Assert.Empty(TinyJob.Roles(_runs));
    }

    [Fact]
    public async Task Run_TwoWorkers_LeavesTheCheckpointOfSyncWithAServerToTheBit()
    {
        var ring = await JobRunner.RunAsync(Job(2, epochs: 1), RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None);
        var sync = await JobRunner.RunAsync(TinyJob.Parse("sync", 1, 2, epochs: 1), RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None);

        Assert.Equal(sync.TestAccuracy, ring.TestAccuracy);
        Assert.Equal(File.ReadAllBytes(sync.Checkpoint), File.ReadAllBytes(ring.Checkpoint));
    }

    [Fact]
    public async Task Resume_AfterAnEpoch_LeavesTheCheckpointOfAWholeRunToTheBit()
    {
        var whole = await JobRunner.RunAsync(Job(3, epochs: 2), RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None);
        var half = await JobRunner.RunAsync(Job(3, epochs: 1), RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None);
        var resumed = await JobRunner.RunAsync(Job(3, epochs: 2), RoleProgram.Options(_runs) with { ResumeFrom = half.Checkpoint }, new ProgressProbe(), CancellationToken.None);

        Assert.Equal(File.ReadAllBytes(whole.Checkpoint), File.ReadAllBytes(resumed.Checkpoint));
        Assert.NotEqual(File.ReadAllBytes(half.Checkpoint), File.ReadAllBytes(whole.Checkpoint));
    }

    [Theory]
    [InlineData("worker-0")]
    [InlineData("worker-2")]
    public async Task Kill_AnyWorker_EndsTheJobInTimeWithItsName(string role)
    {
        var probe = new ProgressProbe();
        var run = JobRunner.RunAsync(Job(3, epochs: 10_000, restarts: 0), RoleProgram.Options(_runs), probe, CancellationToken.None);
        await probe.TrainsAsync("worker-1");

        TinyJob.Roles(_runs)[role].Kill();

        var error = await Assert.ThrowsAsync<TrainingException>(() => run.WaitAsync(Stated));
        Assert.StartsWith($"{role}: it ended unexpectedly (killed by signal 9)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(TinyJob.Roles(_runs));
    }

    [Theory]
    [InlineData("worker-0")]
    [InlineData("worker-1")]
    public async Task Kill_AnyWorker_IsReplacedAndTheRunEndsWithTheBitsOfOneLeftAlone(string role)
    {
        var whole = await JobRunner.RunAsync(Job(3, epochs: 30), RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None);
        var notices = new List<string>();
        var probe = new ProgressProbe();
        var run = JobRunner.RunAsync(Job(3, epochs: 30), RoleProgram.Options(_runs) with { Notice = notices.Add }, probe, CancellationToken.None);
        await probe.TrainsAsync("worker-1");

        TinyJob.Roles(Path.Combine(_runs, "tiny-2"))[role].Kill();

        var result = await run.WaitAsync(TinyJob.Patience);
        Assert.Equal(1, result.Restarts);
        Assert.Equal([$"{role} was lost: it ended unexpectedly (killed by signal 9); it is started again (restart 1 of 3)"], notices);
        Assert.Equal(File.ReadAllBytes(whole.Checkpoint), File.ReadAllBytes(result.Checkpoint));
    }

    [Fact]
    public async Task Cancel_InTheMiddle_LeavesACheckpointThatAnyNumberOfWorkersGoesOnFrom()
    {
        using var cancel = new CancellationTokenSource();
        var probe = new ProgressProbe();
        var run = JobRunner.RunAsync(Job(3, epochs: 10_000), RoleProgram.Options(_runs), probe, cancel.Token);
        await probe.TrainsAsync("worker-0");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(Stated));
        Assert.Empty(TinyJob.Roles(_runs));
        var path = Path.Combine(_runs, "tiny", "checkpoint.safetensors");
        var saved = Checkpoint.Load(path);
        Assert.True(saved.Step > 0);
        Assert.Equal(saved.Step, saved.Updates);
        Assert.Contains("optimizer.velocity.0.weight", saved.Tensors.Keys);

        var resumed = await JobRunner.RunAsync(Job(2, saved.Epoch + 2), RoleProgram.Options(_runs) with { ResumeFrom = path }, probe, CancellationToken.None);
        Assert.True(resumed.TestAccuracy > 0.9, $"accuracy {resumed.TestAccuracy}");
    }

    private static TrainingJob Job(int workers, int epochs, int restarts = 3)
    {
        var job = TinyJob.Parse("sync", 1, workers, epochs);
        return job with
        {
            Spec = job.Spec with
            {
                Strategy = Strategy.Ring,
                Policy = job.Spec.Policy with { BackoffLimit = restarts },
                Replicas = new Dictionary<string, ReplicaSpec> { [Role.Worker] = new() { Count = workers } },
            },
        };
    }
}
