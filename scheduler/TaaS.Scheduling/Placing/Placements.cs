using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Placing;

/// <summary>Gives every pod its index and node.</summary>
internal static class Placements
{
    /// <summary>Pods that run as they are, and new ones of each role by index, filling nodes in the order in which they were chosen.</summary>
    /// <param name="index">The snapshot.</param>
    /// <param name="gang">The gang.</param>
    internal static Placement Of(SnapshotIndex index, GangEntry gang)
    {
        var pods = new List<PodPlacement>(gang.Gang.Placement?.Pods ?? []);
        var taken = pods.Select(static pod => (pod.Role, pod.Index)).ToHashSet();
        var next = new int[gang.Sets.Length];
        // Those that have pods already stand first.
        foreach (var use in gang.Holding!.Uses.Skip(gang.OldUses))
        {
            var role = gang.Sets[use.Set].Set.Role;
            for (var pod = 0; pod < use.Count; pod++)
            {
                while (taken.Contains((role, next[use.Set])))
                {
                    next[use.Set]++;
                }

                pods.Add(new PodPlacement(role, next[use.Set]++, index.Nodes.Nodes[use.Node].Name, index.Flavors.Names[use.Flavor]));
            }
        }

        pods.Sort(static (left, right) => string.CompareOrdinal(left.Role, right.Role) is not 0 and var order ? order : left.Index.CompareTo(right.Index));
        return new Placement(pods);
    }
}
