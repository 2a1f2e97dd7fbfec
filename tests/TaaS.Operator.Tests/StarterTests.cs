using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>A fresh cluster must take a first job, and an admin's queues must stay as the admin left them.</summary>
public sealed class StarterTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task ClusterWithoutQueue_GetsTheStarters_AndThenNeverAgain()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        await cluster.Client.DeleteAsync(ResourceKinds.Queues, null, "default", null, CancellationToken.None);
        var options = RunningOperator.Options with { Starter = Path.Combine(TestSettings.Root, "scheduler/deploy/starter") };

        await using (cluster.StartOperator(options))
        {
            await TestCluster.EventuallyAsync(async () => (await QueuesAsync(cluster)).SequenceEqual(["default", "research", "teaching"]), "the queues");
        }

        Assert.Equal(["any", "gpu", "large", "medium", "small"], (await cluster.Client.ListAsync(ResourceKinds.ResourceFlavors, null)).Items.Select(static flavor => flavor.Metadata.Name).Order());
        await cluster.Client.DeleteAsync(ResourceKinds.Queues, null, "teaching", null, CancellationToken.None);
        var next = cluster.StartOperator(options);
        await TestCluster.EventuallyAsync(() => Task.FromResult(next.Log.Lines.Any(static line => line.Contains("the cluster is known", StringComparison.Ordinal))), "the next operator to work");

        Assert.DoesNotContain(next.Log.Lines, static line => line.Contains("had no queue", StringComparison.Ordinal));
        Assert.Equal(["default", "research"], await QueuesAsync(cluster));
    }

    [Theory]
    [InlineData("apiVersion: taas.dev/v1alpha1\nkind: Queue\nmetadata: {name: q}\nspec: {}\n", "Queue q: spec.quotas: is missing")]
    [InlineData(null, "Could not find a part of the path")]
    public async Task UnusableStarters_AreToldOf_AndTheOperatorWorks(string? text, string message)
    {
        await using var cluster = await DoubleCluster.StartAsync();
        await cluster.Client.DeleteAsync(ResourceKinds.Queues, null, "default", null, CancellationToken.None);
        if (text is not null)
        {
            await File.WriteAllTextAsync(Path.Combine(_folder.FullName, "queues.yaml"), text);
        }

        var running = cluster.StartOperator(RunningOperator.Options with { Starter = text is null ? Path.Combine(_folder.FullName, "nowhere") : _folder.FullName });

        await TestCluster.EventuallyAsync(() => Task.FromResult(running.Log.Lines.Any(line => line.Contains(message, StringComparison.Ordinal))), $"a word of {message}; said: {string.Join('\n', running.Log.Lines)}");
        await cluster.Client.CreateAsync(ResourceKinds.Queues, TestQueues.Queue("default", "any"), CancellationToken.None);
        await cluster.SubmitAsync(new TestJob("first").Workers(1));
        await cluster.ReachesAsync("first", Jobs.JobPhase.Running);
    }

    private static async Task<IEnumerable<string>> QueuesAsync(DoubleCluster cluster) =>
        (await cluster.Client.ListAsync(ResourceKinds.Queues, null)).Items.Select(static queue => queue.Metadata.Name).Order(StringComparer.Ordinal);
}
