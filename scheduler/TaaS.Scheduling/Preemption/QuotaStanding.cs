using TaaS.Scheduling.Backfill;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling.Preemption;

/// <summary>How quotas stand when a gang asks for others to be stopped, and as those that are chosen go.</summary>
internal sealed class QuotaStanding
{
    internal QuotaStanding(Outlook outlook, GangEntry gang)
    {
        (Used, Held) = (outlook.Soon.World.Quota.Copy(), outlook.HeldSoon());
        Used.Add(gang.Queue, gang.Asks);
    }

    /// <summary>What would be used, the demand of the gang that asks included.</summary>
    internal QuotaUsage Used { get; }

    /// <summary>What gangs hold of it that run already: what one borrows that has yet to start is no reason to stop another.</summary>
    internal QuotaUsage Held { get; }

    /// <summary>One more is stopped.</summary>
    internal void Stop(GangEntry victim)
    {
        Used.Remove(victim.Queue, victim.Holding!.Demand);
        Held.Remove(victim.Queue, victim.Holding.Demand);
    }
}
