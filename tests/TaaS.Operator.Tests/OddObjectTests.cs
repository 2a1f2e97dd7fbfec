using System.Text.Json;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>One object that is hard to read must not keep the operator from all the others.</summary>
public sealed class OddObjectTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task JobNestedVeryDeep_IsRefused_AndTheOthersRun(bool isThereBefore)
    {
        await using var cluster = await DoubleCluster.StartAsync();
        if (isThereBefore)
        {
            SubmitDeep(cluster);
        }

        var running = cluster.StartOperator();
        await TestCluster.EventuallyAsync(() => Task.FromResult(running.Log.Lines.Any(static line => line.Contains("the cluster is known", StringComparison.Ordinal))), $"the operator to work; said: {string.Join('\n', running.Log.Lines)}");
        if (!isThereBefore)
        {
            SubmitDeep(cluster);
        }

        await cluster.SubmitAsync(new TestJob("plain").Workers(1));
        await cluster.ReachesAsync("plain", JobPhase.Running);
        JsonElement status = default;
        await TestCluster.EventuallyAsync(() => Task.FromResult(TryRead(cluster, out status) && status.GetProperty("phase").GetString() == nameof(JobPhase.Failed)), () => $"the deep one to fail; it is: {status}");
        Assert.Contains("spec: is nested deeper than 128 levels", status.GetProperty("message").GetString(), StringComparison.Ordinal);
    }

    // Past the server's door, which reads no deeper than its own parser.
    private static void SubmitDeep(DoubleCluster cluster)
    {
        var resource = JsonNode.Parse(JsonSerializer.Serialize(new TestJob("deep").ToResource(cluster.Space, cluster.Queue)))!.AsObject();
        JsonNode nest = 1;
        for (var level = 0; level < 300; level++)
        {
            nest = new JsonObject { ["a"] = nest };
        }

        resource["spec"]!["odd"] = nest;
        lock (cluster.Server.Database.Gate)
        {
            cluster.Server.Lifecycle.Create(Kinds.Find(cluster.Server.Database, TrainingJob.Group, TrainingJob.Version, "trainingjobs")!, cluster.Space, resource, "tester");
        }
    }

    private static bool TryRead(DoubleCluster cluster, out JsonElement status)
    {
        lock (cluster.Server.Database.Gate)
        {
            var kind = Kinds.Find(cluster.Server.Database, TrainingJob.Group, TrainingJob.Version, "trainingjobs")!;
            var json = cluster.Server.Database.Find(new ObjectKey(kind, cluster.Space, "deep"));
            status = JsonSerializer.SerializeToElement(json?["status"]);
            return status.ValueKind == JsonValueKind.Object && status.TryGetProperty("phase", out _);
        }
    }
}
