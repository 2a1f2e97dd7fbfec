using TaaS.Scheduling.Model;

namespace TaaS.Scheduling;

/// <summary>
/// Decides which gangs start now, where their pods go, which gangs are stopped for them, and why everything else waits. It holds no state and does no I/O:
/// the same snapshot gives the same pass, in whatever order its lists come.
/// </summary>
/// <param name="options">How to decide.</param>
public sealed class Scheduler(SchedulerOptions options)
{
    /// <summary>How often a pass is made anew because a preemption would have been in vain, before it does without any.</summary>
    private const int Retries = 2;

    private readonly SchedulerOptions _afterwards = options with { Preemption = false, ElasticGrowth = false };

    /// <summary>One pass.</summary>
    /// <param name="snapshot">All there is to know.</param>
    public SchedulingPass Decide(ClusterSnapshot snapshot)
    {
        var inVain = new HashSet<string>();
        for (var attempt = 0; attempt < Retries; attempt++)
        {
            var pass = new Pass(options, snapshot, inVain).Run();
            if (pass.Preempted.Count == 0 || AddThoseInVain(snapshot, pass, inVain) == 0)
            {
                return pass;
            }
        }

        return new Pass(options with { Preemption = false }, snapshot, inVain).Run();
    }

    /// <summary>
    /// Makes the pass that follows when the victims have gone and wait themselves, as far as the turns of those they were stopped for. A gang that does not start in it, because a victim or someone else comes
    /// before it, would have stopped others in vain, and would do so again and again.
    /// </summary>
    private int AddThoseInVain(ClusterSnapshot snapshot, SchedulingPass pass, HashSet<string> inVain)
    {
        var admitted = pass.Admitted.ToDictionary(static admission => admission.GangId, static admission => admission.Placement);
        var stopped = pass.Preempted.Select(static preemption => preemption.GangId).ToHashSet();
        var next = snapshot with
        {
            Gangs = [.. snapshot.Gangs.Select(gang =>
                stopped.Contains(gang.Id) || gang.IsTerminating ? gang with { Placement = null, PlacedAt = null, IsTerminating = false }
                : admitted.TryGetValue(gang.Id, out var placement) ? gang with { Placement = placement, PlacedAt = gang.PlacedAt ?? snapshot.Now }
                : gang)],
        };
        var before = inVain.Count;
        inVain.UnionWith(new Pass(_afterwards, next, inVain).ThoseThatWait(pass.Preempted.Select(static preemption => preemption.ForGangId).ToHashSet()));
        return inVain.Count - before;
    }
}
