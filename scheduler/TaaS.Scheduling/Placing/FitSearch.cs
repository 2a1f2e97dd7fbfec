using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Placing;

/// <summary>Chooses a flavor for every role of a gang, in the queue's order, such that quota and nodes suffice for all of them together.</summary>
internal sealed class FitSearch(SnapshotIndex index, GangPlacer placer)
{
    /// <summary>How many ways to mix flavors are tried with nodes; more would only matter to a gang of many roles on many flavors.</summary>
    private const int MixesTried = 16;

    /// <summary>Finds flavors and nodes for a gang, in quota and room that all the worlds have.</summary>
    /// <param name="gang">The gang, looked at by <see cref="Explaining.Validity"/> before.</param>
    /// <param name="counts">Pods of every role.</param>
    /// <param name="worlds">What is free: now first.</param>
    internal Fit TryFit(GangEntry gang, int[] counts, ReadOnlySpan<World> worlds)
    {
        var mixes = new FlavorMixes(gang);
        var (best, tried) = (new Fit(null, FitFailure.Quota, -1, 0, -1), 0);
        while (mixes.Next() is { } flavors)
        {
            var demand = index.DemandOf(gang, flavors, counts);
            var shortCell = FirstShort(gang, demand, worlds);
            if (shortCell >= 0)
            {
                best = best.ShortCell < 0 && best.Failure == FitFailure.Quota ? best with { ShortCell = shortCell } : best;
                continue;
            }

            if (placer.TryPlace(new PlacementRequest(gang, flavors, counts), worlds) is { } uses)
            {
                return new Fit(new Holding(uses, demand), FitFailure.None, -1, 0, -1);
            }

            best = best.Failure == FitFailure.Nodes ? best : new Fit(null, FitFailure.Nodes, placer.FailedSet, placer.FailedSetPlaced, -1);
            if (++tried == MixesTried)
            {
                break;
            }
        }

        return best;
    }

    private static int FirstShort(GangEntry gang, Demand demand, ReadOnlySpan<World> worlds)
    {
        foreach (var world in worlds)
        {
            if (world.Quota.FirstShort(gang.Queue, demand) is var cell and >= 0)
            {
                return cell;
            }
        }

        return -1;
    }
}

/// <summary>What came of the search.</summary>
/// <param name="Holding">Nodes and quota; null where there are none.</param>
/// <param name="Failure">What was missing.</param>
/// <param name="FailedSet">The role that found no nodes.</param>
/// <param name="Placed">How many of its pods would have.</param>
/// <param name="ShortCell">Flavor and resource whose quota is short.</param>
internal sealed record Fit(Holding? Holding, FitFailure Failure, int FailedSet, int Placed, int ShortCell);

/// <summary>What was missing.</summary>
internal enum FitFailure
{
    None,
    Quota,
    Nodes,
}
