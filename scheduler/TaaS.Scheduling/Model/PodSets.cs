using TaaS.Jobs;

namespace TaaS.Scheduling.Model;

/// <summary>The pods that a job's replicas stand for.</summary>
public static class PodSets
{
    /// <summary>A set for each role that has pods.</summary>
    /// <param name="replicas">Replicas by role, as in the job.</param>
    /// <param name="flavors">Every flavor by name.</param>
    public static IReadOnlyList<PodSet> Of(IReadOnlyDictionary<string, ReplicaSpec> replicas, IReadOnlyDictionary<string, ResourceFlavor> flavors) =>
    [
        .. from role in Role.All
           where replicas.TryGetValue(role, out var present) && present.Count > 0
           let replica = replicas[role]
           select new PodSet
           {
               Role = role,
               Count = replica.Count,
               MinCount = replica.Min ?? replica.Count,
               Requests = ResourceList.Requests(Size(replica, replica.Flavor is { } name ? flavors.GetValueOrDefault(name) : null)),
               NodeSelector = replica.NodeSelector,
               Affinity = replica.Affinity,
               Tolerations = replica.Tolerations,
               Flavor = replica.Flavor,
               IsSpread = role == Role.ParameterServer,
           },
    ];

    /// <summary>What one pod asks for: the replica's own resources, or the size of the flavor that it names.</summary>
    public static IReadOnlyDictionary<string, Quantity> Size(ReplicaSpec replica, ResourceFlavor? flavor) =>
        replica.Resources.Count > 0 || replica.Flavor is null || flavor is null ? replica.Resources : flavor.Spec.Resources;
}
