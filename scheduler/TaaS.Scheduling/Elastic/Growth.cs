using TaaS.Scheduling.Backfill;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Elastic;

/// <summary>
/// Elastic gangs take what is left when everyone had a turn: as many pods as their queue's nominal quota and the nodes allow, and no reservation loses by it.
/// They never borrow for it, since a queue that borrows may lose whole gangs again. The same brings a gang back to strength that lost pods with a node.
/// </summary>
internal sealed class Growth(SnapshotIndex index, Outlook outlook, GangPlacer placer)
{
    /// <summary>Nodes for the pods that a gang still lacks, as many as there is room for; empty for none. They are taken.</summary>
    internal NodeUse[] Grow(GangEntry gang)
    {
        var all = new List<NodeUse>();
        for (var set = 0; set < gang.Sets.Length; set++)
        {
            var has = gang.Holding!.Uses.Where(use => use.Set == set).ToArray();
            var missing = gang.Sets[set].Count - has.Sum(static use => use.Count);
            var flavor = has.Length > 0 ? has[0].Flavor : gang.Sets[set].Flavors.FirstOrDefault(-1);
            if (missing <= 0 || flavor < 0 || index.Flavors.Flavors[flavor] is null)
            {
                continue;
            }

            var worlds = outlook.MomentsUntil(gang.End);
            var most = (int)Math.Min(missing, worlds.Min(world => PodsInQuota(gang, set, flavor, world)));
            if (most > 0 && placer.PlaceMore(gang, set, flavor, most, worlds) is { Length: > 0 } uses)
            {
                outlook.Start(gang, new Holding(uses, index.DemandOf(gang, uses)), gang.End);
                gang.Holding = new Holding([.. gang.Holding.Uses, .. uses], index.DemandOf(gang, [.. gang.Holding.Uses, .. uses]));
                all.AddRange(uses);
            }
        }

        return [.. all];
    }

    private long PodsInQuota(GangEntry gang, int set, int flavor, World world)
    {
        var most = long.MaxValue;
        var request = gang.Sets[set].Request;
        for (var resource = 0; resource < request.Length; resource++)
        {
            var cell = flavor * request.Length + resource;
            if (request[resource] > 0 && !index.Queues.IsUnlimited(gang.Queue, cell))
            {
                var nominal = index.Queues.Nominal[gang.Queue * index.Queues.Cells + cell] - world.Quota.Used(gang.Queue, cell);
                most = Math.Min(most, Math.Max(0, Math.Min(nominal, world.Quota.Available(gang.Queue, cell))) / request[resource]);
            }
        }

        return most;
    }
}
