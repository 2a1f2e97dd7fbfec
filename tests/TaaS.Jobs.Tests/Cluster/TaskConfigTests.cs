namespace TaaS.Jobs.Tests;

/// <summary>A role that misreads its place trains the wrong shard or hangs waiting for itself.</summary>
public sealed class TaskConfigTests
{
    private const string Golden = """{"cluster":{"ps":["a:1"],"worker":["b:2","c:3"]},"task":{"type":"worker","index":1}}""";

    [Fact]
    public void ToJson_HasTheShapeOfTensorFlowsVariable() =>
        Assert.Equal(Golden, new TaskConfig(new ClusterSpec(["a:1"], ["b:2", "c:3"]), new TaskSpec("worker", 1)).ToJson());

    [Theory]
    [InlineData("a:1", """{"cluster":{"ps":["a:1"],"worker":["b:2"]},"task":{"type":"worker","index":0}}""")]
    [InlineData("", """{"cluster":{"worker":["b:2"]},"task":{"type":"worker","index":0}}""")]
    public void ToTensorFlowJson_LeavesOutServersThatAreNot(string server, string golden) =>
        Assert.Equal(golden, new TaskConfig(new ClusterSpec(server.Length > 0 ? [server] : [], ["b:2"]), new TaskSpec("worker", 0)).ToTensorFlowJson());

    [Fact]
    public void Parse_Golden_ReadsThePlace()
    {
        var config = TaskConfig.Parse(Golden);
        Assert.Equal(("worker", 1, "c:3"), (config.Task.Type, config.Task.Index, config.Cluster.Workers[1]));
    }

    [Theory]
    [InlineData(null, "is not set")]
    [InlineData("{", "not as expected")]
    [InlineData("{}", "lacks cluster or task")]
    [InlineData("""{"cluster":{"ps":[],"worker":["a:1"]},"task":{"type":"worker","index":1}}""", "expected a number from 0 to 0, got 1")]
    [InlineData("""{"cluster":{"ps":[],"worker":["a:1"]},"task":{"type":"boss","index":0}}""", "expected one of ps, worker, evaluator, got boss")]
    public void Parse_Unusable_SaysWhy(string? json, string message) =>
        Assert.Contains(message, Assert.Throws<JobException>(() => TaskConfig.Parse(json)).Message, StringComparison.Ordinal);
}
