using TaaS.Runtime.Observability;

namespace TaaS.Runtime.Tests.Observability;

/// <summary>Runs looked at from outside. Lost otherwise: a command that hangs on a dead run, or names the wrong one.</summary>
public sealed class RunWatchTests : IDisposable
{
    private readonly string _runs = Directory.CreateTempSubdirectory("taas-test-").FullName;

    public void Dispose() => Directory.Delete(_runs, recursive: true);

    [Fact]
    public void Find_ByNameFolderOrNone_GivesTheRun()
    {
        var old = Make("first", DateTimeOffset.UnixEpoch);
        Make("second", DateTimeOffset.UnixEpoch.AddDays(1));
        Directory.CreateDirectory(Path.Combine(_runs, "no-run"));

        Assert.Equal("second", RunWatch.Find(_runs, null).Run!.Name);
        Assert.Equal("first", RunWatch.Find(_runs, "first").Run!.Name);
        Assert.Equal("first", RunWatch.Find("elsewhere", old + "/").Run!.Name);
    }

    [Fact]
    public void Find_Nothing_SaysWhatThereIs()
    {
        Assert.Equal($"no run in {_runs}; start one with 'taas train', or give the folder of a run", RunWatch.Find(_runs, null).Problem);
        Make("first", DateTimeOffset.UnixEpoch);

        Assert.Equal($"no run 'secnod': neither a run's folder nor a name in {_runs}, which holds first", RunWatch.Find(_runs, "secnod").Problem);
    }

    [Fact]
    public async Task Look_AtARunWhoseProcessesAreGone_SaysThatItEnded()
    {
        var folder = RunFolder.Open(Make("dead", DateTimeOffset.UnixEpoch));
        var directory = new RoleDirectory(folder.Roles);
        directory.Started("ps-0");
        directory.Started("ps-0", "127.0.0.1:1");
        directory.Ended("worker-0", isWhole: false);
        using var run = RunWatch.Find(_runs, "dead").Run!;

        var rows = await run.LookAsync(CancellationToken.None);

        Assert.Equal([("ps-0", "no answer"), ("worker-0", "lost")], rows.Select(row => (row.Role, row.State)));
        Assert.Equal(new RunEnd(false, $"dead does not run any more and left no result; its logs are in {Path.Combine(folder.Path, "logs")}"), run.End(rows));
    }

    [Fact]
    public async Task Look_AtRolesThatRun_ShowsTheirFigures()
    {
        var folder = RunFolder.Open(Make("alive", DateTimeOffset.UnixEpoch));
        using var serverRole = new RoleMetrics("ps-0");
        using var workerRole = new RoleMetrics("worker-0");
        serverRole.Listen("127.0.0.1:0");
        workerRole.Listen("127.0.0.1:0");
        var server = new ServerMetrics(serverRole, workers: 1, new StragglerWatch(1, TimeProvider.System));
        var worker = new WorkerMetrics(workerRole, new Running.ProgressProbe());
        server.Registered(slices: 1);
        server.Initialized();
        server.Queued();
        server.Queued();
        server.Answered(0, bytes: 50, hasParameters: true);
        server.Read(0, slice: 0, updates: 3);
        server.Pushed(0, step: 7, slice: 0, updates: 5);
        worker.Step(8, samples: 64);
        worker.Report(new TrainingProgress("worker-0", 2, 3, 3, 5, 0.25, 640, TimeSpan.Zero));
        var directory = new RoleDirectory(folder.Roles);
        directory.Started("ps-0", serverRole.Address);
        directory.Started("worker-0", workerRole.Address);
        using var run = RunWatch.Find(_runs, "alive").Run!;

        await run.LookAsync(CancellationToken.None);
        server.Received(1_000_000);
        worker.Sent(1_000_000);
        var rows = await run.LookAsync(CancellationToken.None);

        Assert.Null(run.End(rows));
        Assert.True(rows[0] is { Role: "ps-0", State: "ready", Step: 7, QueueDepth: 1, SentPerSecond: 0, ReceivedPerSecond: > 0, MemoryBytes: > 0 }, rows[0].ToString());
        Assert.True(rows[1] is { Role: "worker-0", State: "ready", Step: 8, Epoch: 2, Epochs: 3, Loss: 0.25, Staleness: 2, SentPerSecond: > 0, ReceivedPerSecond: 0 }, rows[1].ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    public void Directory_Damaged_IsEmpty(string content)
    {
        var path = Path.Combine(_runs, "roles.json");
        Assert.Empty(RoleDirectory.Read(path));
        File.WriteAllText(path, content);

        Assert.Empty(RoleDirectory.Read(path));
    }

    private string Make(string name, DateTimeOffset time)
    {
        var folder = RunFolder.Create(_runs, name, isExact: true);
        File.SetLastWriteTimeUtc(folder.Spec, time.UtcDateTime);
        return folder.Path;
    }
}
