using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Explaining;

/// <summary>Step 8 of a pass: a verdict for every gang that waits.</summary>
internal sealed class Explanations(SnapshotIndex index, World now)
{
    private readonly Wait?[] _waits = new Wait?[index.Gangs.Length];
    private readonly NodeCauses _causes = new(index, now);

    internal void Note(GangEntry gang, Wait wait) => _waits[gang.Rank] = wait;

    /// <summary>One for each that waits, queue by queue, in the order in which they stand there.</summary>
    internal Verdict[] Verdicts()
    {
        var waiting = index.Gangs.Where(static gang => gang.IsWaiting).ToArray();
        Array.Sort(waiting, static (left, right) =>
            string.CompareOrdinal(left.Gang.Queue, right.Gang.Queue) is not 0 and var order ? order : GangEntry.CompareInQueue(left, right));
        var verdicts = new Verdict[waiting.Length];
        var (queue, position) = ("", 0);
        for (var at = 0; at < waiting.Length; at++)
        {
            var (gang, wait) = (waiting[at], _waits[waiting[at].Rank]!);
            if (gang.Gang.Queue != queue)
            {
                (queue, position) = (gang.Gang.Queue, 0);
            }

            var verdict = new Verdict(gang.Gang.Id, wait.Reason, wait.Message ?? Say(gang, wait))
            {
                NodesByCause = wait.Reason == WaitReason.NoNodeFits ? _causes.Of(gang, FailedSet(gang, wait)) : new Dictionary<string, int>(),
                EarliestStart = wait.EarliestStart,
            };
            var isInLine = !verdict.IsFinal && wait.Reason is not (WaitReason.BackingOff or WaitReason.QueueOnHold);
            verdicts[at] = isInLine ? verdict with { Position = ++position } : verdict;
        }

        return verdicts;
    }

    private static GangSet FailedSet(GangEntry gang, Wait wait) => gang.Sets[Math.Max(0, wait.Fit?.FailedSet ?? 0)];

    private string Say(GangEntry gang, Wait wait) => wait.Reason switch
    {
        WaitReason.WaitingForQuota => SayQuota(gang, wait.Fit!),
        WaitReason.BehindReservation => $"it would fit now, but would delay {wait.Behind!.Gang.Name}, for which room is kept; a shorter expected run time may let it pass",
        _ => SayNodes(gang, wait),
    };

    private string SayQuota(GangEntry gang, Fit fit)
    {
        var (flavor, resource) = (fit.ShortCell / index.Resources.Count, fit.ShortCell % index.Resources.Count);
        var name = index.Resources.Names[resource];
        var asks = gang.Sets.Where(set => set.Flavors.Contains(flavor)).Aggregate(0L, (sum, set) => Amount.Sum(sum, Amount.Product(set.Request[resource], set.Least)));
        return $"queue {gang.Gang.Queue} has {Units.Say(name, Math.Max(0, now.Quota.Available(gang.Queue, fit.ShortCell)))} {name} of flavor {index.Flavors.Names[flavor]} left, borrowing included; the job asks for {Units.Say(name, asks)}";
    }

    private string SayNodes(GangEntry gang, Wait wait)
    {
        if (index.Nodes.Count == 0)
        {
            return "the cluster has no nodes";
        }

        var set = FailedSet(gang, wait);
        var causes = _causes.Of(gang, set);
        return $"role {set.Set.Role} needs room for {Units.Pods(set.Least)} of {Units.Describe(set, index.Resources)} at once{(gang.Gang.TopologyKey is { } key && gang.Gang.IsTopologyRequired ? $" in one {key}" : "")}, {wait.Fit?.Placed ?? 0} would fit now"
            + (causes.Count > 0 ? $"; of {index.Nodes.Count} nodes {NodeCauses.Say(causes)}" : "");
    }
}
