namespace TaaS.Containers.Tests;

/// <summary>Roles in containers of their own, with nobody above them. Lost otherwise: jobs that run on one machine only.</summary>
[Trait("Category", "container")]
[Collection(ContainerCollection.Name)]
public sealed class RoleTests(ContainerHost host)
{
    [SkippableTheory]
    [InlineData("sync", "bridge")]
    [InlineData("async", "host")]
    public async Task Roles_ToTheEnd_LearnAndLeaveAResult(string mode, string network)
    {
        host.Need();
        await using var job = new ContainerJob(host.Podman, network == "host" ? new HostNetwork() : await BridgeNetwork.CreateAsync(host.Podman), mode, epochs: 2);

        await job.RunAllAsync();

        await job.AssertEndsWellAsync();
        var result = job.Result;
        Assert.True(result.GetProperty("testAccuracy").GetDouble() > 0.9, result.GetRawText());
        Assert.True(result.GetProperty("imagesPerSecond").GetDouble() > 0, result.GetRawText());
        Assert.Equal(mode, result.GetProperty("updateMode").GetString());
        Assert.Equal(1, result.GetProperty("ps").GetInt32());
        Assert.Equal(2, result.GetProperty("workers").GetInt32());
        Assert.Equal([1, 2], job.Metrics().Where(line => line.IsScore).Select(line => line.Epoch));
        Assert.True(File.Exists(job.Checkpoint));
        Assert.Contains("mode: " + mode, File.ReadAllText(Path.Combine(job.Folder, "spec.yaml")), StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task Roles_ToldToStop_SaveAndGoOnWhenStartedAgain()
    {
        host.Need();
        await using var job = new ContainerJob(host.Podman, new HostNetwork(), "sync", epochs: 8);
        await job.RunAllAsync();
        await job.ScoredAsync(epoch: 2);

        await job.StopAsync();

        foreach (var role in ContainerJob.Roles)
        {
            Assert.Equal(130, await job.WaitAsync(role));
        }

        var seen = job.Metrics().Count;
        var chief = await job.LogsAsync("worker-0");
        Assert.Contains("interrupted; started again with the same run folder it goes on from /work/checkpoint.safetensors", chief.Errors, StringComparison.Ordinal);
        await job.RestartAsync(ContainerJob.Roles);
        await job.AssertEndsWellAsync();
        Assert.True(job.Metrics()[seen].Epoch > 2, $"it began anew: epoch {job.Metrics()[seen].Epoch}");
        Assert.Equal(8, job.Result.GetProperty("epochs").GetInt32());
    }

    [SkippableTheory]
    [InlineData(2, "TAAS_CONFIG", "TAAS_CONFIG=")]
    [InlineData(2, "TAAS_CONFIG task.index", """TAAS_CONFIG={"cluster":{"ps":["a:1"],"worker":["b:1"]},"task":{"type":"worker","index":1}}""")]
    [InlineData(1, "TAAS_SECRET_FILE", "TAAS_SECRET_FILE=/nowhere")]
    [InlineData(1, "TAAS_SECRET_FILE: the file /dev/null is empty", "TAAS_SECRET_FILE=/dev/null")]
    [InlineData(1, "cannot write to the run folder /proc/run", "TAAS_RUN_FOLDER=/proc/run")]
    [InlineData(2, "/work/other.yaml", "TAAS_JOB=/work/other.yaml")]
    public async Task Role_PlacedWrong_SaysWhyInOneLine(int code, string mention, string variable)
    {
        host.Need();
        await using var job = new ContainerJob(host.Podman, new HostNetwork(), "async", epochs: 1);
        var arguments = job.Arguments("worker-0").ToList();
        arguments.InsertRange(arguments.IndexOf(ContainerHost.Image), ["--env", variable]);

        var role = await host.Podman.RunOnceAsync(arguments);

        role.AssertRefused(code, mention);
    }

    [SkippableFact]
    public async Task Role_WithAnotherSecret_IsRefusedAndTheServerServesOn()
    {
        host.Need();
        await using var job = new ContainerJob(host.Podman, new HostNetwork(), "async", epochs: 1);
        await job.RunAsync("ps-0");
        var arguments = job.Arguments("worker-1").ToList();
        arguments.InsertRange(arguments.IndexOf(ContainerHost.Image), ["--env", "TAAS_SECRET_FILE=", "--env", "TAAS_SECRET=a guess"]);

        var stranger = await host.Podman.RunOnceAsync(arguments);

        stranger.AssertRefused(1, "secret");
        await job.RunAsync("worker-0");
        await job.RunAsync("worker-1");
        await job.AssertEndsWellAsync();
    }
}
