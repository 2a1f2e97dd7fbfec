using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Quota;

/// <summary>
/// How much of what is lent a queue or cohort has borrowed, of the resource of which it has most, by weight.
/// <b>Source</b>: Ghodsi et al., Dominant Resource Fairness, NSDI 2011; applied to what goes beyond nominal quota, as in Kueue.
/// </summary>
internal sealed class DominantShare(QuotaTree tree, long[] clusterCapacity)
{
    /// <summary>Share of what the parent's members lend each other that this member uses beyond its own, with more to come.</summary>
    internal double Borrowed(QuotaUsage usage, int node, Demand? more = null)
    {
        var parent = tree.Parent[node];
        if (parent < 0)
        {
            return 0;
        }

        var share = 0.0;
        for (var resource = ResourceIndex.Pods + 1; resource < tree.Resources; resource++)
        {
            long borrowed = 0, lent = 0;
            for (var cell = resource; cell < tree.Cells; cell += tree.Resources)
            {
                borrowed = Amount.Sum(borrowed, Math.Max(0, Amount.Sum(usage.Used(node, cell), Of(more, cell)) - tree.Nominal[node * tree.Cells + cell]));
                lent = Amount.Sum(lent, tree.Nominal[parent * tree.Cells + cell]);
            }

            if (borrowed > 0)
            {
                share = Math.Max(share, (double)borrowed / Math.Max(1, lent));
            }
        }

        return share / tree.Weight[node];
    }

    /// <summary>Share of the whole cluster in use, nominal quota included: who goes first among those that borrow alike.</summary>
    internal double OfCluster(QuotaUsage usage, int node)
    {
        var share = 0.0;
        for (var resource = ResourceIndex.Pods + 1; resource < tree.Resources; resource++)
        {
            if (clusterCapacity[resource] > 0)
            {
                share = Math.Max(share, (double)usage.Total(node, resource) / clusterCapacity[resource]);
            }
        }

        return share / tree.Weight[node];
    }

    private static long Of(Demand? demand, int cell)
    {
        var index = demand is null ? -1 : Array.IndexOf(demand.Cells, cell);
        return index < 0 ? 0 : demand!.Amounts[index];
    }
}
