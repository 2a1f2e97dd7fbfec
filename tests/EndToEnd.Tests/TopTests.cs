using System.Text.Json;

namespace TaaS.EndToEnd.Tests;

/// <summary>Watching a run as a user does. Lost otherwise: a cluster that nobody can look into.</summary>
[Trait("Category", "process")]
public sealed class TopTests
{
    [Fact]
    public async Task Top_OfALiveRun_ShowsEveryRoleAndThenHowItEnded()
    {
        using var place = new Workplace();
        using var run = TaasCommand.Start(place.Folder, "train", place.JobFile, "--set", "spec.epochs=10000");
        await run.WaitForFileAsync(place.Metrics(), "worker-0");
        await run.WaitForFileAsync(place.Metrics(), "worker-1");

        var top = await TaasCommand.RunAsync(place.Folder, "top", "--once");

        top.AssertSucceeded();
        Assert.Equal("", top.Errors);
        var rows = top.Output.Split('\n').Where(line => line.Contains('│', StringComparison.Ordinal)).Select(line => line.Split('│', StringSplitOptions.TrimEntries)[1..^1]).ToArray();
        Assert.Equal(["role", "state", "epoch", "step", "loss", "images/s", "stale", "out/s", "in/s", "queue", "memory"], rows[0]);
        Assert.Equal(["ps-0", "worker-0", "worker-1"], rows[1..].Select(row => row[0]));
        Assert.All(rows[1..], row => Assert.Equal("ready", row[1]));
        Assert.All(rows[2..], row => Assert.EndsWith("/10000", row[2], StringComparison.Ordinal));
        Assert.All(rows[1..], row => Assert.EndsWith("iB", row[10], StringComparison.Ordinal));

        run.Interrupt();
        await run.WaitAsync(TaasCommand.TimeLimit);

        var after = await TaasCommand.RunAsync(place.Folder, "top", "small");

        Assert.Equal(1, after.ExitCode);
        Assert.Equal($"taas: small does not run any more and left no result; its logs are in {Path.Combine(place.RunFolder(), "logs")}", after.Errors.Trim());
    }

    [Fact]
    public async Task Top_WithoutATerminal_PrintsLinesUntilTheResult()
    {
        using var place = new Workplace();
        using var run = TaasCommand.Start(place.Folder, "train", place.JobFile, "--set", "spec.epochs=8");
        await run.WaitForFileAsync(place.Metrics(), "worker-0");

        var watched = await TaasCommand.RunAsync(place.Folder, "top");
        (await run.WaitAsync(TaasCommand.TimeLimit)).AssertSucceeded();
        var ended = await TaasCommand.RunAsync(place.Folder, "top", place.RunFolder());

        watched.AssertSucceeded();
        ended.AssertSucceeded();
        Assert.StartsWith("small has ended: test accuracy ", ended.Output, StringComparison.Ordinal);
        Assert.EndsWith(ended.Output, watched.Output, StringComparison.Ordinal);
        Assert.Contains("worker-0 ready step ", watched.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Top_OfNoRun_SaysSoInOneLine()
    {
        using var place = new Workplace();

        var none = await TaasCommand.RunAsync(place.Folder, "top");
        var wrong = await TaasCommand.RunAsync(place.Folder, "top", "smal");

        Assert.Equal((2, ""), (none.ExitCode, none.Output));
        Assert.StartsWith("taas: no run in ", none.Errors, StringComparison.Ordinal);
        Assert.Equal((2, ""), (wrong.ExitCode, wrong.Output));
        Assert.StartsWith("taas: no run 'smal': ", wrong.Errors, StringComparison.Ordinal);
        Assert.Single(wrong.Errors.Trim().Split('\n'));
    }

    [Fact]
    public async Task Train_WithJsonLogs_WritesOneObjectALine()
    {
        using var place = new Workplace();

        var run = await TaasCommand.RunAsync(place.Folder, [("TAAS_LOG", "json")], "train", place.JobFile);

        run.AssertSucceeded();
        foreach (var role in new[] { "ps-0", "worker-0", "worker-1" })
        {
            var lines = File.ReadAllLines(Path.Combine(place.RunFolder(), "logs", $"{role}.log"));
            foreach (var line in lines)
            {
                using var entry = JsonDocument.Parse(line);
                Assert.Equal(role, entry.RootElement.GetProperty("role").GetString());
                Assert.Equal("info", entry.RootElement.GetProperty("level").GetString());
                Assert.True(entry.RootElement.TryGetProperty("time", out _));
                Assert.True(entry.RootElement.TryGetProperty("message", out _));
            }

            using var last = JsonDocument.Parse(lines[^1]);
            Assert.Equal(role.StartsWith("worker", StringComparison.Ordinal), last.RootElement.TryGetProperty("step", out _));
        }
    }
}
