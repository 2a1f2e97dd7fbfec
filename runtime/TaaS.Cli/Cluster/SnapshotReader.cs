using TaaS.Kubernetes;

namespace TaaS.Cli.Cluster;

/// <summary>Reads all that a scheduling pass hangs on from a cluster, as the operator reads it.</summary>
internal static class SnapshotReader
{
    /// <summary>Field selector of pods that take something of a node.</summary>
    public const string LivePods = "status.phase!=Succeeded,status.phase!=Failed";

    /// <summary>Reads it.</summary>
    public static async Task<ClusterObjects> ReadAsync(ApiClient client, CancellationToken cancel)
    {
        var queues = client.ListAsync(ResourceKinds.Queues, null, cancel: cancel);
        var flavors = client.ListAsync(ResourceKinds.ResourceFlavors, null, cancel: cancel);
        var jobs = client.ListAsync(ResourceKinds.TrainingJobs, null, cancel: cancel);
        var nodes = client.ListAsync(ResourceKinds.Nodes, null, cancel: cancel);
        var pods = client.ListAsync(ResourceKinds.Pods, null, fieldSelector: LivePods, cancel: cancel);
        await Task.WhenAll(queues, flavors, jobs, nodes, pods);
        return ClusterObjects.Of([.. (await nodes).Items], [.. (await pods).Items], [.. (await jobs).Items], [.. (await queues).Items], [.. (await flavors).Items]);
    }
}
