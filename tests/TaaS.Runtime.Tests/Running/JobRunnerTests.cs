using System.Diagnostics;
using System.Text.Json;
using TaaS.Engine.Data;
using TaaS.Kernels.Reference;

namespace TaaS.Runtime.Tests.Running;

/// <summary>Whole jobs in real processes, some of which get killed. Lost otherwise: jobs that hang, orphans that eat the machine, lost work.</summary>
[Trait("Category", "process")]
public sealed class JobRunnerTests : IDisposable
{
    private static readonly TimeSpan Stated = TimeSpan.FromSeconds(10);

    private readonly string _runs = Directory.CreateTempSubdirectory("taas-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Theory]
    [InlineData("sync", 2, 2)]
    [InlineData("async", 1, 2)]
    [InlineData("sync", 0, 1)]
    public async Task Run_ToTheEnd_LearnsAndLeavesItsFolder(string mode, int servers, int workers)
    {
        var probe = new ProgressProbe();

        var result = await JobRunner.RunAsync(TinyJob.Parse(mode, servers, workers, epochs: 2), RoleProgram.Options(_runs), probe, CancellationToken.None);

        Assert.True(result.TestAccuracy > 0.9, $"accuracy {result.TestAccuracy}");
        Assert.True(result.ImagesPerSecond > 0);
        Assert.Equal(servers == 0 ? "local" : mode, result.UpdateMode);
        Assert.Empty(result.LostRoles);
        Assert.Contains(probe.Reports, report => report is { Role: "worker-0", Epoch: 2, TestAccuracy: > 0.9 });
        Assert.All(new[] { "spec.yaml", "metrics.jsonl", "checkpoint.safetensors", "logs/worker-0.log" }, file => Assert.True(File.Exists(Path.Combine(result.Folder, file)), file));
        using var json = JsonDocument.Parse(File.ReadAllText(Path.Combine(result.Folder, "result.json")));
        Assert.Equal(result.TestAccuracy, json.RootElement.GetProperty("testAccuracy").GetDouble());
        Assert.Equal(workers, json.RootElement.GetProperty("workers").GetInt32());
        Assert.Empty(TinyJob.Roles(_runs));

        var score = await Evaluator.RunAsync(TinyJob.Parse(mode, servers, workers, 2), result.Checkpoint, CancellationToken.None);
        Assert.Equal(result.TestAccuracy, score.Accuracy);
    }

    [Theory]
    [InlineData("worker-1", "sync")]
    [InlineData("worker-0", "async")]
    [InlineData("ps-0", "async")]
    public async Task Kill_RoleThatIsNeeded_EndsTheJobInTimeWithItsName(string role, string mode)
    {
        var probe = new ProgressProbe();
        var run = JobRunner.RunAsync(TinyJob.Parse(mode, 1, 2, epochs: 10_000), RoleProgram.Options(_runs), probe, CancellationToken.None);
        await probe.TrainsAsync("worker-1");

        TinyJob.Roles(_runs)[role].Kill();

        var error = await Assert.ThrowsAsync<TrainingException>(() => run.WaitAsync(Stated));
        Assert.StartsWith($"{role}: it ended unexpectedly (killed by signal 9)", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
        Assert.Empty(TinyJob.Roles(_runs));
    }

    [Fact]
    public async Task Kill_OneWorkerInAsync_TheOthersFinishAndTheResultNamesIt()
    {
        var probe = new ProgressProbe();
        var notices = new List<string>();
        var options = RoleProgram.Options(_runs) with { Notice = notices.Add };
        var run = JobRunner.RunAsync(TinyJob.Parse("async", 1, 2, epochs: 60), options, probe, CancellationToken.None);
        await probe.TrainsAsync("worker-1");

        TinyJob.Roles(_runs)["worker-1"].Kill();

        var result = await run.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(["worker-1"], result.LostRoles);
        Assert.Equal(["worker-1 was lost: it ended unexpectedly (killed by signal 9); the others go on without it"], notices);
        Assert.True(result.TestAccuracy > 0.9, $"accuracy {result.TestAccuracy}");
    }

    [Theory]
    [InlineData("sync", "ps-0")]
    [InlineData("sync", "ps-1")]
    [InlineData("sync", "worker-0")]
    [InlineData("sync", "worker-1")]
    [InlineData("async", "ps-1")]
    [InlineData("async", "worker-0")]
    [InlineData("async", "worker-1")]
    public async Task Kill_RoleThatMayBeReplaced_TrainingGoesOnByItself(string mode, string role)
    {
        const int epochs = 40;
        var probe = new ProgressProbe();
        var notices = new List<string>();
        var options = RoleProgram.Options(_runs) with { Notice = notices.Add };
        var job = TinyJob.Parse(mode, 2, 2, epochs, restarts: 3, settings: "spec.checkpoint.everySteps=50");
        var run = JobRunner.RunAsync(job, options, probe, CancellationToken.None);
        await probe.TrainsAsync("worker-1");

        TinyJob.Roles(_runs)[role].Kill();

        var result = await run.WaitAsync(TinyJob.Patience);
        Assert.Equal([$"{role} was lost: it ended unexpectedly (killed by signal 9); it is started again (restart 1 of 3)"], notices);
        Assert.Equal(1, result.Restarts);
        Assert.Empty(result.LostRoles);
        Assert.True(result.TestAccuracy > 0.9, $"accuracy {result.TestAccuracy}");
        if (mode == "sync")
        {
            // Nothing was lost and nothing applied twice: the very bits of a run in which nobody died.
            var whole = await JobRunner.RunAsync(job, RoleProgram.Options(_runs), probe, CancellationToken.None);
            Assert.Equal(await File.ReadAllBytesAsync(whole.Checkpoint), await File.ReadAllBytesAsync(result.Checkpoint));
        }
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("async")]
    public async Task Scale_UpAndDown_WorkersJoinAndLeaveWhileTrainingGoesOn(string mode)
    {
        var probe = new ProgressProbe();
        var notices = new List<string>();
        var job = TinyJob.Parse(mode, 2, 1, epochs: 400, settings: ["spec.replicas.worker.min=1", "spec.replicas.worker.max=3"]);
        var run = JobRunner.RunAsync(job, RoleProgram.Options(_runs) with { Notice = notices.Add }, probe, CancellationToken.None);
        await probe.TrainsAsync("worker-0");
        var folder = RunFolder.Open(Path.Combine(_runs, "tiny"));

        WorkerScale.Ask(folder, 3);
        await probe.TrainsAsync("worker-2");
        WorkerScale.Ask(folder, 1);

        var result = await run.WaitAsync(TinyJob.Patience);
        Assert.Equal(["worker-1 joins", "worker-2 joins", "worker-1 leaves", "worker-2 leaves"], notices);
        Assert.Empty(result.LostRoles);
        Assert.True(result.TestAccuracy > 0.9, $"accuracy {result.TestAccuracy}");
        Assert.Contains("has ended", Assert.Throws<TrainingException>(() => WorkerScale.Ask(folder, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scale_BeyondWhatTheJobAllows_IsRefusedWithTheBounds()
    {
        var folder = RunFolder.Create(_runs, "tiny", isExact: true);
        File.WriteAllText(folder.Spec, TinyJob.Yaml("async", 1, 2, epochs: 1));

        var error = Assert.Throws<TrainingException>(() => WorkerScale.Ask(folder, 3));

        Assert.Contains("this job runs with 1 to 2 workers, not 3", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sync")]
    [InlineData("async")]
    public async Task Cancel_InTheMiddle_EndsAllAndLeavesACheckpointToGoOnFrom(string mode)
    {
        using var cancel = new CancellationTokenSource();
        var probe = new ProgressProbe();
        var run = JobRunner.RunAsync(TinyJob.Parse(mode, 2, 2, epochs: 10_000), RoleProgram.Options(_runs), probe, cancel.Token);
        await probe.TrainsAsync("worker-0");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run.WaitAsync(Stated));
        Assert.Empty(TinyJob.Roles(_runs));
        var path = Path.Combine(_runs, "tiny", "checkpoint.safetensors");
        var saved = Checkpoint.Load(path);
        Assert.True(saved.Step > 0);
        Assert.Contains("optimizer.velocity.0.weight", saved.Tensors.Keys);

        var epochs = saved.Epoch + 1;
        var resumed = await JobRunner.RunAsync(TinyJob.Parse(mode, 1, 1, epochs), RoleProgram.Options(_runs) with { ResumeFrom = path }, probe, CancellationToken.None);
        Assert.True(resumed.TestAccuracy > 0.9, $"accuracy {resumed.TestAccuracy}");
        Assert.EndsWith("tiny-2", resumed.Folder, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Kill_TheParent_NoRoleOutlivesItLong()
    {
        using var parent = Process.Start(new ProcessStartInfo("dotnet", [typeof(RoleProgram).Assembly.Location, "run", _runs]))!;
        var watch = Stopwatch.StartNew();
        while (TinyJob.Roles(_runs).Count < 3)
        {
            Assert.True(watch.Elapsed < TinyJob.Patience, "roles did not start");
            await Task.Delay(50);
        }

        parent.Kill();

        Assert.True(await TinyJob.AllGoneAsync(_runs, Stated), $"still alive: {string.Join(", ", TinyJob.Roles(_runs).Keys)}");
    }

    [Fact]
    public async Task Data_Missing_IsADataErrorThatNamesTheRole()
    {
        var error = await Assert.ThrowsAsync<DataException>(() =>
            JobRunner.RunAsync(TinyJob.Parse("async", 1, 1, 1, data: "missing"), RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None));

        Assert.StartsWith("worker-0: no such data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Executable_Missing_SaysWhich()
    {
        var error = await Assert.ThrowsAsync<TrainingException>(() =>
            JobRunner.RunAsync(TinyJob.Parse("async", 1, 1, 1), RoleProgram.Options(_runs) with { RoleExecutable = "/nowhere/taas" }, new ProgressProbe(), CancellationToken.None));

        Assert.Contains("cannot start ps-0 by '/nowhere/taas'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Name_TakenAndAskedFor_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(_runs, "mine"));

        var error = await Assert.ThrowsAsync<TrainingException>(() =>
            JobRunner.RunAsync(TinyJob.Parse("async", 1, 1, 1), RoleProgram.Options(_runs) with { RunName = "mine" }, new ProgressProbe(), CancellationToken.None));

        Assert.Contains("exists already", error.Message, StringComparison.Ordinal);
    }
}
