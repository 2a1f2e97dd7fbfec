using System.Runtime.CompilerServices;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Kubernetes;

/// <summary>Nodes of an API server as placement sees them.</summary>
public static class NodeReader
{
    // Nodes in the cache are never changed, so what was read once holds.
    private static readonly ConditionalWeakTable<V1Node, Node> Known = [];

    /// <summary>A node, with what pods of no gang take of it.</summary>
    public static Node Read(V1Node node, ResourceList usedByOthers) => Known.GetValue(node, static node => Read(node)) with { UsedByOthers = usedByOthers };

    /// <summary>Does its kubelet report, and that all is well?</summary>
    public static bool IsReady(V1Node node) =>
        node.Status?.Conditions?.FirstOrDefault(static condition => condition.Type == "Ready")?.Status == "True";

    private static Node Read(V1Node node) => new()
    {
        Name = node.Metadata.Name,
        Labels = node.Metadata.Labels?.AsReadOnly() ?? new Dictionary<string, string>().AsReadOnly(),
        Taints = [.. (node.Spec?.Taints ?? []).Select(static taint => new Taint(taint.Key, taint.Value ?? "", taint.Effect))],
        Allocatable = ResourceList.Capacity(PodRequests.Quantities(node.Status?.Allocatable)),
        IsReady = IsReady(node),
        IsUnschedulable = node.Spec?.Unschedulable ?? false,
    };
}
