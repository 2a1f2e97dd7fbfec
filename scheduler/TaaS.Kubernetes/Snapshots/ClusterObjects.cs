using k8s.Models;

namespace TaaS.Kubernetes;

/// <summary>All that scheduling hangs on, as an API server has it.</summary>
/// <param name="Nodes">Every node.</param>
/// <param name="Pods">Every pod of every scheduler; those that have ended may be left out.</param>
/// <param name="Jobs">Every job.</param>
/// <param name="Queues">Every queue.</param>
/// <param name="Flavors">Every flavor.</param>
/// <param name="PodsOf">Pods of a job, by its UID.</param>
public sealed record ClusterObjects(
    IReadOnlyList<V1Node> Nodes,
    IReadOnlyList<V1Pod> Pods,
    IReadOnlyList<TrainingJobResource> Jobs,
    IReadOnlyList<QueueResource> Queues,
    IReadOnlyList<ResourceFlavorResource> Flavors,
    Func<string, IReadOnlyList<V1Pod>> PodsOf)
{
    /// <summary>The same from lists alone.</summary>
    public static ClusterObjects Of(
        IReadOnlyList<V1Node> nodes,
        IReadOnlyList<V1Pod> pods,
        IReadOnlyList<TrainingJobResource> jobs,
        IReadOnlyList<QueueResource> queues,
        IReadOnlyList<ResourceFlavorResource> flavors)
    {
        var byJob = pods.Where(static pod => PodMarks.JobUid(pod) is not null).ToLookup(static pod => PodMarks.JobUid(pod)!, StringComparer.Ordinal);
        return new ClusterObjects(nodes, pods, jobs, queues, flavors, uid => [.. byJob[uid]]);
    }
}
