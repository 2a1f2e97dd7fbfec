using System.Text.Json;

namespace TaaS.EndToEnd.Tests.Cluster;

/// <summary>Each command on a cluster, as a user types it. Lost otherwise: a job that cannot be sent, found, explained, held back or taken away.</summary>
[Trait("Category", "process")]
public sealed class ClusterCommandTests
{
    [Fact]
    public async Task JobsLife_FromSubmissionToDeletion()
    {
        await using var place = await ClusterPlace.StartAsync();
        place.Server.Logs.Set("small-worker-0", "step 1\nstep 2\nstep 3");
        place.Server.Logs.Set("small-worker-1", "the other");

        var submitted = await place.TaasAsync("submit", "job.yaml");
        submitted.AssertSucceeded();
        Assert.Equal("small is submitted to queue research in namespace default; taas why small says where it stands", submitted.Output.Trim());

        var row = Row(await place.TaasUntilAsync("Running", "get"), "small");
        Assert.Equal(["small", "research", "Running", "2/2", "0"], row[..5]);
        Assert.Equal("GangRunning", row[^1]);

        var why = await place.TaasAsync("why", "small");
        Assert.StartsWith("small is Running (GangRunning): ", why.Output, StringComparison.Ordinal);
        Assert.Contains("2 worker", why.Output, StringComparison.Ordinal);

        Assert.Equal("step 1\nstep 2\nstep 3\n", (await place.TaasAsync("logs", "small")).Output);
        Assert.Equal("step 3\n", (await place.TaasAsync("logs", "small", "--tail", "1")).Output);
        Assert.Equal("the other\n", (await place.TaasAsync("logs", "small", "--index", "1")).Output);

        var queues = await place.TaasUntilAsync("nvidia.com/gpu 2/12", "queue", "ls");
        Assert.Equal(["research", "1", "0", "1", "active", "any"], Row(queues, "research")[..6]);

        var nodes = await place.TaasAsync("top", "nodes");
        Assert.Equal(["NAME", "STATE", "NVIDIA.COM/GPU", "CPU", "MEMORY", "PODS", "GPU", "PRODUCT", "TAINTS"], Row(nodes, "NAME"));
        Assert.Equal("2/8", Row(nodes, "node-0")[2]);

        Assert.Contains("small is held back", (await place.TaasAsync("suspend", "small")).Output, StringComparison.Ordinal);
        await place.TaasUntilAsync("Suspended", "get", "small");
        Assert.Contains("held back already", (await place.TaasAsync("suspend", "small")).Output, StringComparison.Ordinal);
        Assert.Contains("goes on", (await place.TaasAsync("resume", "small")).Output, StringComparison.Ordinal);
        await place.TaasUntilAsync("Running", "get", "small");

        Assert.Equal("small is deleted", (await place.TaasAsync("delete", "small")).Output.Trim());
        (await place.TaasAsync("why", "small")).AssertRefused(1, "there is no job small in namespace default; there are none");
    }

    [Fact]
    public async Task Follow_TellsEveryTurn_ShowsTheLog_AndEndsAsTheJobDoes()
    {
        await using var place = await ClusterPlace.StartAsync();
        place.Server.Logs.Set("small-worker-0", "loss 0.5");
        place.WriteJob("good.yaml", "sleep 1; exit 0");
        place.WriteJob("bad.yaml", "sleep 1; exit 7");

        var good = await place.TaasAsync("submit", "good.yaml", "--follow");
        var bad = await place.TaasAsync("submit", "bad.yaml", "--follow", "--set", "metadata.name=bad", "--set", "spec.policy.backoffLimit=0");

        good.AssertSucceeded();
        Assert.Contains("loss 0.5", good.Output, StringComparison.Ordinal);
        Assert.Contains("taas: small: Running (GangRunning): ", good.Errors, StringComparison.Ordinal);
        Assert.Contains("taas: small: Succeeded ", good.Errors.Trim().Split('\n')[^1], StringComparison.Ordinal);
        Assert.Equal(1, bad.ExitCode);
        Assert.Contains("taas: bad: Failed ", bad.Errors.Trim().Split('\n')[^1], StringComparison.Ordinal);
        (await place.TaasAsync("suspend", "small")).AssertRefused(1, "small has ended (Succeeded)");
        (await place.TaasAsync("scale", "small", "--workers", "2")).AssertRefused(1, "small has ended (Succeeded)");
        Assert.Equal("loss 0.5\n", (await place.TaasAsync("logs", "small", "--follow")).Output);
    }

    [Fact]
    public async Task DryRun_SaysWhereEveryPodWouldGo_OrWhyNot_AndSubmitsNothing()
    {
        await using var place = await ClusterPlace.StartAsync();

        var starts = await place.TaasAsync("submit", "job.yaml", "--dry-run");
        starts.AssertSucceeded();
        Assert.Equal(["small-worker-0", "node-0", "any"], Row(starts, "small-worker-0"));
        Assert.Equal(["small-worker-1", "node-0", "any"], Row(starts, "small-worker-1"));

        var never = await place.TaasAsync("submit", "job.yaml", "--dry-run", "--set", "spec.replicas.worker.count=13");
        Assert.Equal(1, never.ExitCode);
        Assert.StartsWith("small cannot start (ExceedsMaxQuota): ", never.Output, StringComparison.Ordinal);

        (await place.TaasAsync("submit", "job.yaml", "--set", "metadata.name=first", "--set", "spec.replicas.worker.count=10")).AssertSucceeded();
        await place.TaasUntilAsync("Running", "get", "first");
        var waits = await place.TaasAsync("submit", "job.yaml", "--dry-run", "-o", "json", "--set", "spec.replicas.worker.count=4");
        waits.AssertSucceeded();
        var json = JsonDocument.Parse(waits.Output).RootElement;
        Assert.False(json.GetProperty("wouldStart").GetBoolean());
        Assert.Equal("WaitingForQuota", json.GetProperty("reason").GetString());
        Assert.Equal(1, json.GetProperty("queuePosition").GetInt32());

        (await place.TaasAsync("get", "small")).AssertRefused(1, "there is no job small in namespace default");

        // What was foreseen is what the operator says of the job itself.
        (await place.TaasAsync("submit", "job.yaml", "--set", "spec.replicas.worker.count=4")).AssertSucceeded();
        var why = await place.TaasUntilAsync("WaitingForQuota", "why", "small");
        Assert.Contains(json.GetProperty("message").GetString()!, why.Output, StringComparison.Ordinal);
        Assert.Contains("place in queue research: 1", why.Output, StringComparison.Ordinal);
        Assert.Contains("nvidia.com/gpu 10/12", why.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Output_IsWhatProgramsRead()
    {
        await using var place = await ClusterPlace.StartAsync(withOperator: false);
        var created = JsonDocument.Parse((await place.TaasAsync("submit", "job.yaml", "-o", "json")).Output).RootElement;
        Assert.Equal("vision", created.GetProperty("metadata").GetProperty("labels").GetProperty("team").GetString());
        Assert.Equal("ring", created.GetProperty("spec").GetProperty("strategy").GetString());

        var list = JsonDocument.Parse((await place.TaasAsync("get", "-o", "json")).Output).RootElement;
        Assert.Equal("small", Assert.Single(list.GetProperty("items").EnumerateArray().ToArray()).GetProperty("metadata").GetProperty("name").GetString());
        Assert.StartsWith("apiVersion: taas.dev/v1alpha1\nkind: TrainingJob\n", (await place.TaasAsync("get", "small", "-o", "yaml")).Output, StringComparison.Ordinal);
        Assert.Equal("research", JsonDocument.Parse((await place.TaasAsync("why", "small", "-o", "json")).Output).RootElement.GetProperty("queue").GetProperty("name").GetString());
        Assert.Equal(["closed", "research"], JsonDocument.Parse((await place.TaasAsync("queue", "ls", "-o", "json")).Output).RootElement.GetProperty("queues").EnumerateArray().Select(queue => queue.GetProperty("name").GetString()!));
        Assert.Equal(8, JsonDocument.Parse((await place.TaasAsync("top", "nodes", "-o", "json")).Output).RootElement.GetProperty("nodes")[0].GetProperty("allocatable").GetProperty("nvidia.com/gpu").GetInt32());

        Assert.Contains("the operator has not looked at it yet", (await place.TaasAsync("why", "small")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scale_ChangesTheWorkersOfAnElasticJob_WithinItsBounds()
    {
        await using var place = await ClusterPlace.StartAsync();
        (await place.TaasAsync("submit", "job.yaml", "--set", "spec.strategy=parameterServer", "--set", "spec.replicas.ps.count=1", "--set", "spec.replicas.worker.min=1", "--set", "spec.replicas.worker.max=4")).AssertSucceeded();
        await place.TaasUntilAsync("3/3", "get", "small");

        Assert.Equal("small: 4 workers asked for, 2 there now", (await place.TaasAsync("scale", "small", "--workers", "4")).Output.Trim());
        await place.TaasUntilAsync("5/5", "get", "small");
        (await place.TaasAsync("scale", "small", "--workers", "5")).AssertRefused(2, "small: expected 1 to 4 workers, got 5; see spec.replicas.worker.min and max");
        (await place.TaasAsync("scale", "runs/none", "--workers", "2")).AssertRefused(1, "is no run");
    }

    /// <summary>Words of the first line that begins with one.</summary>
    private static string[] Row(CommandResult result, string first) =>
        result.Output.Split('\n').Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).FirstOrDefault(words => words.Length > 0 && words[0] == first)
        ?? throw new Xunit.Sdk.XunitException($"no line begins with {first}: {result}");
}
