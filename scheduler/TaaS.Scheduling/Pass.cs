using TaaS.Scheduling.Backfill;
using TaaS.Scheduling.Elastic;
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
    private readonly Outlook _outlook;
    private readonly Explanations _explanations;
    private readonly GangPlacer _placer;
    private readonly DominantShare _shares;
    private readonly List<GangEntry> _grown = [];
    private readonly IReadOnlySet<string> _peaceful;

    /// <param name="options">How to decide.</param>
    /// <param name="snapshot">All there is to know.</param>
    /// <param name="peaceful">Gangs for which no other may be stopped.</param>
    internal Pass(SchedulerOptions options, ClusterSnapshot snapshot, IReadOnlySet<string> peaceful)
    {
        (_options, _peaceful) = (options, peaceful);
        // 1. Names become numbers. 2. What placed gangs and other pods use is taken from nodes and quotas.
        _index = new SnapshotIndex(snapshot);
        _outlook = new Outlook(_index);
        _explanations = new Explanations(_index, _outlook.Now);
        _placer = new GangPlacer(_index, options);
        _shares = new DominantShare(_index.Queues, _index.Nodes.Capacity);
    }

    internal SchedulingPass Run()
    {
        var validity = new Validity(_index);
        var (line, turn) = Begin(validity);
        while (line.Next() is { } gang)
        {
            turn.Take(gang);
            line.Done(gang);
        }

        if (_options.ElasticGrowth && (_options.Backfill || !turn.IsAnyoneBlocked))
        {
            Grow(validity);
        }

        // 8. Why the others wait.
        return new SchedulingPass([.. turn.Admitted.Concat(_grown).Select(gang => AdmissionOf(gang, turn))], turn.Preempted, _explanations.Verdicts());
    }

    /// <summary>Goes on only until each of some gangs had its turn.</summary>
    /// <returns>Those of them that did not start.</returns>
    internal HashSet<string> ThoseThatWait(HashSet<string> gangs)
    {
        var (line, turn) = Begin(new Validity(_index));
        var (open, waiting) = (new HashSet<string>(gangs), new HashSet<string>(gangs));
        while (open.Count > 0 && line.Next() is { } gang)
        {
            turn.Take(gang);
            line.Done(gang);
            if (open.Remove(gang.Gang.Id) && gang.IsAdmitted)
            {
                waiting.Remove(gang.Gang.Id);
            }
        }

        return waiting;
    }

    /// <summary>What can never run is refused, what must not run yet is left out of the line.</summary>
    private (Line Line, Turn Turn) Begin(Validity validity)
    {
        var inLine = new List<GangEntry>();
        foreach (var gang in _index.Gangs.Where(static gang => gang.IsWaiting))
        {
            if (validity.Refusal(gang) is { } wait)
            {
                _explanations.Note(gang, wait);
            }
            else
            {
                inLine.Add(gang);
            }
        }

        // 3. Whose turn it is. 4. to 7. What comes of it.
        // Gangs that are being stopped count as gone: else those for whom they were stopped would seem to borrow, and lose their turn while they wait for the room.
        Line line = _options.Policy == QueueingPolicy.Fifo ? new FifoLine(inLine) : new FairShareLine(_index.Queues, _outlook.Soon.World.Quota, _shares, inLine);
        return (line, new Turn(_options, _index, _outlook, _explanations, _placer, _shares, _peaceful));
    }

    private void Grow(Validity validity)
    {
        var growth = new Growth(_index, _outlook, _placer);
        var elastic = _index.Gangs.Where(gang => CanGrow(gang) && (gang.IsAdmitted || validity.Refusal(gang) is null)).ToArray();
        Array.Sort(elastic, GangEntry.CompareInQueue);
        foreach (var gang in elastic)
        {
            if (growth.Grow(gang).Length > 0 && !gang.IsAdmitted)
            {
                _grown.Add(gang);
            }
        }
    }

    private static bool CanGrow(GangEntry gang) =>
        gang is { Holding: not null, IsWaiting: false, IsPreempted: false }
        && gang.Holding.Pods < gang.Pods;

    private Admission AdmissionOf(GangEntry gang, Turn turn) => new(
        gang.Gang.Id,
        Placements.Of(_index, gang),
        turn.IsBackfill(gang),
        _outlook.Now.Quota.IsBorrowing(gang.Queue, gang.Holding!.Demand, withDemand: false));
}
