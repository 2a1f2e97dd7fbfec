using System.Text.Json;

namespace TaaS.EndToEnd.Tests;

/// <summary>Roles that are killed, a user who changes his mind, a disk that is full.</summary>
[Trait("Category", "process")]
public sealed class FaultTests
{
    /// <summary>How long a job may take to end after what it needs was lost; the README says the same.</summary>
    private static readonly TimeSpan StatedTime = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData("ps", 0, "async")]
    [InlineData("ps", 0, "sync")]
    [InlineData("worker", 1, "sync")]
    [InlineData("worker", 0, "async")]
    public async Task Train_RoleKilledThatTheModeNeeds_EndsWithOneLine(string type, int index, string mode)
    {
        using var place = new Workplace();
        using var command = Start(place, mode, epochs: 500, "--set", "spec.policy.backoffLimit=0");
        await command.WaitForFileAsync(place.Metrics(), "\"worker-1\"");
        var roles = command.RoleProcesses();

        command.KillRole(type, index);

        var run = await command.WaitAsync(StatedTime);
        run.AssertRefused(1, $"{type}-{index}: it ended unexpectedly (killed by signal 9)");
        AssertGone(roles);
    }

    [Fact]
    public async Task Train_OneOfTwoWorkersKilledInAsync_TheOtherFinishesAndTheUserIsTold()
    {
        using var place = new Workplace();
        using var command = Start(place, "async", epochs: 4, "--set", "spec.policy.backoffLimit=0");
        await command.WaitForFileAsync(place.Metrics(), "\"worker-1\"");

        command.KillRole("worker", 1);

        var run = await command.WaitAsync(TaasCommand.TimeLimit);
        run.AssertSucceeded();
        Assert.Equal("taas: worker-1 was lost: it ended unexpectedly (killed by signal 9); the others go on without it", run.Errors.TrimEnd());
        Assert.Equal("worker-1", place.Result().GetProperty("lostRoles")[0].GetString());
    }

    [Theory]
    [InlineData("async")]
    [InlineData("sync")]
    [InlineData("local")]
    public async Task Train_Interrupted_EndsAllRolesAndLeavesACheckpointToGoOnFrom(string mode)
    {
        using var place = new Workplace();
        using var command = Start(place, mode, epochs: 500);
        await command.WaitForFileAsync(place.Metrics(), "Loss");
        var roles = command.RoleProcesses();
        Assert.Equal(mode == "local" ? 0 : 3, roles.Count);

        command.Interrupt();

        var run = await command.WaitAsync(StatedTime);
        run.AssertRefused(130, $"--resume {place.Checkpoint()}");
        AssertGone(roles);
        (await TaasCommand.RunAsync(place.Folder, "eval", place.JobFile, "--checkpoint", place.Checkpoint())).AssertSucceeded();
        using var last = JsonDocument.Parse(File.ReadLines(place.Metrics()).Last());
        var epochs = last.RootElement.GetProperty("epoch").GetInt32() + 1;
        using var resumed = Start(place, mode, epochs, "--resume", place.Checkpoint(), "--name", "resumed");
        (await resumed.WaitAsync(TaasCommand.TimeLimit)).AssertSucceeded();
        Assert.Equal(epochs, place.Result("resumed").GetProperty("epochs").GetInt32());
    }

    [Theory]
    [InlineData("local")]
    [InlineData("async")]
    public async Task Train_DiskFullWhileSaving_EndsAndTheOldCheckpointStaysWhole(string mode)
    {
        using var place = new Workplace(640, 32);
        using var command = TaasCommand.StartWithLimitableFiles(place.Folder, Arguments(place, mode, epochs: 500));
        await command.WaitForFileAsync(place.Metrics(), "testLoss"); // of the first epoch: it was saved

        command.LimitFiles(bytes: 1_000_000); // a checkpoint is 13 MB

        var run = await command.WaitAsync(TimeSpan.FromSeconds(60));
        run.AssertRefused(1, "could not be written");
        Assert.Equal([place.Checkpoint()], Directory.GetFiles(place.RunFolder(), "*checkpoint*"));
        (await TaasCommand.RunAsync(place.Folder, "eval", place.JobFile, "--checkpoint", place.Checkpoint())).AssertSucceeded();
    }

    private static TaasCommand Start(Workplace place, string mode, int epochs, params string[] more) =>
        TaasCommand.Start(place.Folder, [.. Arguments(place, mode, epochs), .. more]);

    private static string[] Arguments(Workplace place, string mode, int epochs) => mode == "local"
        ? ["train", place.JobFile, "--local", "--set", $"spec.epochs={epochs}"]
        : ["train", place.JobFile, "--set", $"spec.update.mode={mode}", "--set", $"spec.epochs={epochs}"];

    private static void AssertGone(IEnumerable<int> processes)
    {
        foreach (var id in processes)
        {
            Assert.False(Directory.Exists($"/proc/{id}") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z", StringComparison.Ordinal), $"process {id} was left behind");
        }
    }
}
