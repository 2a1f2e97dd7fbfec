using TaaS.Jobs;

namespace TaaS.Scheduling.Model;

/// <summary>The pods that a job's replicas stand for.</summary>
public static class PodSets
{
    /// <summary>A set for each role that has pods.</summary>
    /// <param name="replicas">Replicas by role, as in the job.</param>
    /// <param name="flavors">Every flavor; one that a role names gives its size where the role has none of its own.</param>
    public static IReadOnlyList<PodSet> Of(IReadOnlyDictionary<string, ReplicaSpec> replicas, IEnumerable<ResourceFlavor> flavors)
    {
        var sizes = flavors.ToDictionary(static flavor => flavor.Name, static flavor => flavor.Spec.Resources, StringComparer.Ordinal);
        return
        [
            .. from role in Role.All
               where replicas.TryGetValue(role, out var present) && present.Count > 0
               let replica = replicas[role]
               let size = replica.Resources.Count == 0 && replica.Flavor is { } flavor && sizes.TryGetValue(flavor, out var own) ? own : replica.Resources
               select new PodSet
               {
                   Role = role,
                   Count = replica.Count,
                   MinCount = replica.Min ?? replica.Count,
                   Requests = ResourceList.Requests(size),
                   NodeSelector = replica.NodeSelector,
                   Affinity = replica.Affinity,
                   Tolerations = replica.Tolerations,
                   Flavor = replica.Flavor,
                   IsSpread = role == Role.ParameterServer,
               },
        ];
    }
}
