using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Backfill;

/// <summary>
/// Nodes and quota kept for a gang that cannot start yet. Others may use them only if they will have ended when it starts, and anything else that is free then.
/// <b>Source</b>: Lifka, The ANL/IBM SP Scheduling System, JSSPP 1995 (EASY).
/// </summary>
/// <param name="Gang">For whom.</param>
/// <param name="Holding">What it will use.</param>
/// <param name="Start">When; null where it waits for gangs of which nobody knows how long they run.</param>
/// <param name="End">When it will have ended; null where nobody knows.</param>
/// <param name="Moment">The cluster then, with the gang in it.</param>
/// <param name="IsQuotaAlone">Only quota is kept: its nodes are not what it waits for, and nobody knows for how long they would stand empty.</param>
internal sealed record Reservation(GangEntry Gang, Holding Holding, DateTimeOffset? Start, DateTimeOffset? End, Moment Moment, bool IsQuotaAlone)
{
    /// <summary>Would a gang that starts now still be there then?</summary>
    /// <param name="end">When it will have ended; null where nobody knows.</param>
    internal bool IsOutlastedBy(DateTimeOffset? end) => Start is not { } start || end is not { } time || time > start;

    /// <summary>Does it begin no later than a start that is looked for? No known start is later than any that is known.</summary>
    internal bool StandsBefore(DateTimeOffset? start) => start is null || Start <= start;

    /// <summary>Has it come and gone by then?</summary>
    internal bool IsOverBy(DateTimeOffset? start) => End is not null && (start is null || End <= start);

    /// <summary>The gang takes what is kept for it out of a moment.</summary>
    internal void Fill(World world)
    {
        if (IsQuotaAlone)
        {
            world.TakeQuota(Gang, Holding.Demand);
        }
        else
        {
            world.Take(Gang, Holding);
        }
    }

    /// <summary>Undoes <see cref="Fill"/>.</summary>
    internal void Empty(World world)
    {
        if (IsQuotaAlone)
        {
            world.ReleaseQuota(Gang, Holding.Demand);
        }
        else
        {
            world.Release(Gang, Holding);
        }
    }
}
