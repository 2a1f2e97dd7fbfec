using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Simulation;

/// <summary>What lies idle although somebody waits.</summary>
internal static class Idle
{
    /// <summary>
    /// Part of all devices that are free but of no use to the largest gang that waits: after as many of its pods as go on a node,
    /// these are left over, or the node has not the labels they ask for. Null while no gang with devices waits.
    /// </summary>
    public static double? UnusableShare(IReadOnlyList<Node> nodes, IReadOnlyList<GangRun> active)
    {
        var largest = active.Where(static gang => gang.State == GangState.Waiting).MaxBy(static gang => Size(gang.Gang))?.Gang;
        var pod = largest?.PodSets.MaxBy(static set => Devices.Count(set.Requests));
        if (pod is null || Devices.Count(pod.Requests) == 0)
        {
            return null;
        }

        var free = nodes.Where(static node => node.IsReady).ToDictionary(static node => node.Name, static node => new Dictionary<string, long>(node.Allocatable.Amounts, StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var gang in active)
        {
            foreach (var place in gang.Gang.Placement?.Pods ?? [])
            {
                Take(free.GetValueOrDefault(place.Node), gang.Gang.PodSets.First(set => set.Role == place.Role).Requests);
            }
        }

        long all = 0, unusable = 0;
        foreach (var node in nodes.Where(static node => node.IsReady))
        {
            var left = free[node.Name];
            var fits = pod.NodeSelector.All(label => node.Labels.GetValueOrDefault(label.Key) == label.Value)
                ? pod.Requests.Amounts.Min(entry => left.GetValueOrDefault(entry.Key) / entry.Value)
                : 0;
            all += Devices.Count(node.Allocatable);
            unusable += left.Where(static entry => ResourceName.IsExtended(entry.Key)).Sum(entry => entry.Value - fits * pod.Requests[entry.Key]);
        }

        return all > 0 ? (double)unusable / all : null;
    }

    private static long Size(Gang gang) => gang.PodSets.Sum(static set => set.Count * Devices.Count(set.Requests));

    private static void Take(Dictionary<string, long>? free, ResourceList requests)
    {
        // A node that is gone has nothing left to count.
        foreach (var (name, amount) in free is null ? new Dictionary<string, long>() : requests.Amounts)
        {
            free![name] = free.GetValueOrDefault(name) - amount;
        }
    }
}
