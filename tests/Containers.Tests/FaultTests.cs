namespace TaaS.Containers.Tests;

/// <summary>kill -9 of each role's container; one with the same place takes over. Lost otherwise: days of training with one bad node.</summary>
[Trait("Category", "container")]
[Collection(ContainerCollection.Name)]
public sealed class FaultTests(ContainerHost host)
{
    private const int Epochs = 8;

    [SkippableTheory]
    [InlineData("worker-0", "async")]
    [InlineData("worker-1", "sync")]
    public async Task Kill_Worker_TheSameContainerStartedAgainGoesOn(string role, string mode)
    {
        host.Need();
        await using var job = new ContainerJob(host.Podman, new HostNetwork(), mode, Epochs);
        await job.RunAllAsync();
        await job.ScoredAsync(epoch: 2);

        await job.KillAsync(role);
        var seen = job.Metrics().Count;
        await job.RestartAsync(role);

        await AssertWentOnAsync(job, seen);
    }

    [SkippableFact]
    public async Task Kill_Server_ANewContainerInItsPlaceGoesOnFromTheCheckpoint()
    {
        host.Need();
        await using var job = new ContainerJob(host.Podman, await BridgeNetwork.CreateAsync(host.Podman), "sync", Epochs);
        await job.RunAllAsync();
        await job.ScoredAsync(epoch: 2);

        await job.KillAsync("ps-0");
        var seen = job.Metrics().Count;
        await job.RemoveAsync("ps-0");
        await job.RunAsync("ps-0");

        await AssertWentOnAsync(job, seen);
    }

    private static async Task AssertWentOnAsync(ContainerJob job, int seen)
    {
        await job.AssertEndsWellAsync();
        var after = job.Metrics().Skip(seen).ToList();
        Assert.True(after.Count > 0, "it had ended before the kill");
        Assert.True(after[0].Epoch > 1, $"it began anew: epoch {after[0].Epoch}");
        Assert.Equal(Epochs, job.Metrics()[^1].Epoch);
        Assert.True(job.Result.GetProperty("testAccuracy").GetDouble() > 0.9, job.Result.GetRawText());
    }
}
