using k8s.Models;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Kubernetes;

/// <summary>Nodes of an API server as placement sees them.</summary>
public static class NodeReader
{
    /// <summary>A node, with what pods of no gang take of it.</summary>
    public static Node Read(V1Node node, ResourceList usedByOthers) => new()
    {
        Name = node.Metadata.Name,
        Labels = node.Metadata.Labels?.AsReadOnly() ?? new Dictionary<string, string>().AsReadOnly(),
        Taints = [.. (node.Spec?.Taints ?? []).Select(static taint => new Taint(taint.Key, taint.Value ?? "", taint.Effect))],
        Allocatable = ResourceList.Capacity(PodRequests.Quantities(node.Status?.Allocatable)),
        UsedByOthers = usedByOthers,
        IsReady = IsReady(node),
        IsUnschedulable = node.Spec?.Unschedulable ?? false,
    };

    /// <summary>Does its kubelet report, and that all is well?</summary>
    public static bool IsReady(V1Node node) =>
        node.Status?.Conditions?.FirstOrDefault(static condition => condition.Type == "Ready")?.Status == "True";
}
