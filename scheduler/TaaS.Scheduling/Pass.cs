using TaaS.Scheduling.Explaining;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Ordering;
using TaaS.Scheduling.Placing;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling;

/// <summary>One scheduling pass, step by step, over a copy of the snapshot that it changes as it decides.</summary>
internal sealed class Pass
{
    private readonly SchedulerOptions _options;
    private readonly SnapshotIndex _index;
    private readonly World _now;
    private readonly DominantShare _shares;
    private readonly FitSearch _search;
    private readonly Explanations _explanations;
    private readonly List<Admission> _admitted = [];
    private readonly List<Preemption> _preempted = [];

    internal Pass(SchedulerOptions options, ClusterSnapshot snapshot)
    {
        _options = options;
        // 1. Names become numbers. 2. What placed gangs and other pods use is taken from nodes and quotas.
        _index = new SnapshotIndex(snapshot);
        _now = World.Now(_index);
        _shares = new DominantShare(_index.Queues, _index.Nodes.Capacity);
        _search = new FitSearch(_index, new GangPlacer(_index, options));
        _explanations = new Explanations(_index, _now);
    }

    internal SchedulingPass Run()
    {
        // 4. What can never run is refused, what must not run yet is left out of the line.
        var inLine = new List<GangEntry>();
        var validity = new Validity(_index);
        foreach (var gang in _index.Gangs.Where(static gang => gang.IsWaiting))
        {
            if (Refusal(validity, gang) is { } wait)
            {
                _explanations.Note(gang, wait);
            }
            else
            {
                inLine.Add(gang);
            }
        }

        // 3. Whose turn it is. 5. to 7. What comes of it.
        Line line = _options.Policy == QueueingPolicy.Fifo ? new FifoLine(inLine) : new FairShareLine(_index.Queues, _now.Quota, _shares, inLine);
        while (line.Next() is { } gang)
        {
            Try(gang);
            line.Done(gang, gang.IsAdmitted);
        }

        // 8. Why the others wait.
        return new SchedulingPass(_admitted, _preempted, _explanations.Verdicts());
    }

    private Wait? Refusal(Validity validity, GangEntry gang)
    {
        if (validity.Check(gang) is { } problem)
        {
            return new Wait(problem.Reason) { Message = problem.Message };
        }

        if (_index.Queues.Queues[gang.Queue].Spec.Hold)
        {
            return new Wait(WaitReason.QueueOnHold) { Message = $"queue {gang.Gang.Queue} is on hold and takes nothing in" };
        }

        if (gang.Gang.IsTerminating)
        {
            return new Wait(WaitReason.BackingOff) { Message = "its pods of the last attempt are still being stopped" };
        }

        return gang.Gang.NotBefore is { } time && time > _index.Now
            ? new Wait(WaitReason.BackingOff) { Message = $"the pause after its last attempt ends at {time:u}", EarliestStart = time }
            : null;
    }

    private void Try(GangEntry gang)
    {
        var fit = _search.TryFit(gang, [.. gang.Sets.Select(static set => set.Least)], [_now]);
        if (fit.Holding is { } holding)
        {
            Admit(gang, holding);
            return;
        }

        _explanations.Note(gang, new Wait(fit.Failure == FitFailure.Quota ? WaitReason.WaitingForQuota : WaitReason.NoNodeFits) { Fit = fit });
    }

    private void Admit(GangEntry gang, Holding holding)
    {
        _now.Take(gang, holding);
        gang.Holding = holding;
        gang.IsAdmitted = true;
        gang.End = _index.End(_index.Now, gang.Gang.ExpectedRunTime);
        _admitted.Add(new Admission(gang.Gang.Id, Placements.Of(_index, gang, holding.Uses), false, _now.Quota.IsBorrowing(gang.Queue, holding.Demand, false)));
    }
}
