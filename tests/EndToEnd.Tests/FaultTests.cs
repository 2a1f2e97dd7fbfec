namespace TaaS.EndToEnd.Tests;

/// <summary>Roles that are killed, and a user who changes his mind.</summary>
[Trait("Category", "process")]
public sealed class FaultTests
{
    private static readonly TimeSpan StatedTime = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData("ps", 0, "async", "-1")]
    [InlineData("worker", 1, "sync", "0")]
    public async Task Train_RoleKilledThatTheModeNeeds_EndsWithOneLine(string type, int index, string mode, string staleness)
    {
        using var place = new Workplace();
        using var command = Start(place, mode, staleness);
        await command.WaitForFileAsync(Path.Combine(place.RunFolder(), "metrics.jsonl"), "loss");
        var roles = command.RoleProcesses();

        command.KillRole(type, index);

        var run = await command.WaitAsync(StatedTime);
        Assert.NotEqual(0, run.ExitCode);
        Assert.Contains($"{type}-{index}", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", run.Errors, StringComparison.Ordinal);
        AssertGone(roles);
    }

    [Fact]
    public async Task Train_Interrupted_EndsAllRolesAndLeavesAUsableCheckpoint()
    {
        using var place = new Workplace();
        using var command = Start(place, "async", "-1");
        await command.WaitForFileAsync(Path.Combine(place.RunFolder(), "metrics.jsonl"), "loss");
        var roles = command.RoleProcesses();
        Assert.Equal(3, roles.Count);

        command.Interrupt();

        var run = await command.WaitAsync(StatedTime);
        Assert.True(run.ExitCode == 130, $"exit code {run.ExitCode}\n{run.Output}\n{run.Errors}");
        AssertGone(roles);
        var checkpoint = Directory.GetFiles(place.RunFolder(), "*.safetensors", SearchOption.AllDirectories).Single();
        var eval = await TaasCommand.RunAsync(place.Folder, "eval", place.JobFile, "--checkpoint", checkpoint);
        Assert.True(eval.ExitCode == 0, eval.Errors);
    }

    private static TaasCommand Start(Workplace place, string mode, string staleness) =>
        TaasCommand.Start(place.Folder, "train", place.JobFile,
            "--set", $"spec.update.mode={mode}", "--set", $"spec.update.staleness={staleness}", "--set", "spec.epochs=500");

    private static void AssertGone(IEnumerable<int> processes)
    {
        foreach (var id in processes)
        {
            Assert.False(Directory.Exists($"/proc/{id}") && !File.ReadAllText($"/proc/{id}/stat").Contains(") Z", StringComparison.Ordinal), $"process {id} was left behind");
        }
    }
}
