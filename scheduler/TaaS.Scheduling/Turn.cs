using TaaS.Scheduling.Backfill;
using TaaS.Scheduling.Explaining;
using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Model;
using TaaS.Scheduling.Placing;
using TaaS.Scheduling.Preemption;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling;

/// <summary>What comes of a gang's turn: it starts, or others are stopped for it, or room is kept for it, or it waits; and why.</summary>
internal sealed class Turn
{
    /// <summary>For how many gangs a pass looks for a later time to start, those that have none included.</summary>
    private const int ShadowsSearched = 8;

    private readonly SchedulerOptions _options;
    private readonly SnapshotIndex _index;
    private readonly Outlook _outlook;
    private readonly Explanations _explanations;
    private readonly IReadOnlySet<string> _peaceful;
    private readonly FitSearch _search;
    private readonly VictimSearch _victims;
    private readonly ShadowSearch _shadows;
    private readonly HashSet<GangEntry> _backfilled = [];
    private readonly bool[] _isQueueBlocked;
    private readonly int[] _heightAhead;
    private int _tried;
    private int _searchedVictims;
    private int _searchedShadows;
    private bool _isOrderKept;

    internal Turn(SchedulerOptions options, SnapshotIndex index, Outlook outlook, Explanations explanations, GangPlacer placer, DominantShare shares, IReadOnlySet<string> peaceful)
    {
        (_options, _index, _outlook, _explanations, _peaceful) = (options, index, outlook, explanations, peaceful);
        _search = new FitSearch(index, placer);
        _victims = new VictimSearch(index, outlook, _search, new PreemptionRights(index, shares, options));
        _shadows = new ShadowSearch(index, _search);
        _isQueueBlocked = new bool[index.Queues.Queues.Length];
        _heightAhead = new int[index.Queues.Queues.Length];
    }

    internal List<GangEntry> Admitted { get; } = [];

    internal List<Model.Preemption> Preempted { get; } = [];

    internal bool IsAnyoneBlocked { get; private set; }

    internal bool IsBackfill(GangEntry gang) => _backfilled.Contains(gang);

    internal void Take(GangEntry gang)
    {
        if (_tried++ >= _options.GangsTried)
        {
            _explanations.Note(gang, new Wait(WaitReason.InLine) { Message = $"a pass tries {_options.GangsTried} gangs, and that many stand before it" });
            return;
        }

        if (!_options.Backfill && (_isOrderKept || _isQueueBlocked[gang.Queue]))
        {
            _explanations.Note(gang, new Wait(WaitReason.InLine) { Message = "the order is kept strictly (no backfill), and a gang before it waits" });
            return;
        }

        var counts = gang.Sets.Select(static set => set.Least).ToArray();
        var end = _index.End(_index.Now, gang.Gang.ExpectedRunTime);
        var fit = _search.TryFit(gang, counts, [_outlook.Now]);
        if (fit.Holding is { } holding && (!_outlook.IsAnyoneAhead || (holding = _search.TryFit(gang, counts, _outlook.MomentsUntil(end)).Holding) is not null))
        {
            Admit(gang, holding, end);
        }
        else if (fit.Holding is not null)
        {
            _explanations.Note(gang, new Wait(WaitReason.BehindReservation) { Behind = _outlook.FirstAhead });
        }
        else
        {
            Block(gang, counts, end, fit);
        }
    }

    private void Admit(GangEntry gang, Holding holding, DateTimeOffset? end)
    {
        _outlook.Start(gang, holding, end);
        (gang.Holding, gang.End, gang.IsAdmitted) = (holding, end, true);
        Admitted.Add(gang);
        if (IsAnyoneBlocked)
        {
            _backfilled.Add(gang);
        }
    }

    private void Block(GangEntry gang, int[] counts, DateTimeOffset? end, Fit fit)
    {
        var wait = new Wait(fit.Failure == FitFailure.Quota ? WaitReason.WaitingForQuota : WaitReason.NoNodeFits) { Fit = fit };
        var height = _outlook.Soon.World.Quota.BorrowingHeight(gang.Queue, gang.Asks);
        // What no gang's end would help, such as nodes out of order, is no reason to keep others waiting.
        var canStart = false;
        if (_outlook.Soon.IsLater && _search.TryFit(gang, counts, _outlook.MomentsFromSoonUntil(end)).Holding is { } soon)
        {
            _outlook.Claim(gang, soon, []);
            (wait, canStart) = (new Wait(WaitReason.PreemptionPending) { Message = "it starts as soon as the gangs that are being stopped have gone", EarliestStart = _index.Now }, true);
        }
        else if (_options.Preemption && _searchedVictims < _options.PreemptionAttempts && !_peaceful.Contains(gang.Gang.Id) && Preempt(gang, counts, end) is { } pending)
        {
            (wait, canStart) = (pending, true);
        }
        else if (!_isQueueBlocked[gang.Queue] && (!_options.Backfill || _outlook.Reservations.Count < _options.Reservations && _searchedShadows++ < Math.Max(ShadowsSearched, _options.Reservations))
            && _shadows.Find(gang, counts, _outlook.Soon, _outlook.Reservations, fit.Failure == FitFailure.Quota) is { } reservation)
        {
            (wait, canStart) = (wait with { EarliestStart = reservation.Start }, true);
            if (_options.Backfill)
            {
                _outlook.Reserve(reservation);
            }
        }

        IsAnyoneBlocked = true;
        _heightAhead[gang.Queue] = Math.Max(_heightAhead[gang.Queue], height);
        if (canStart)
        {
            _isQueueBlocked[gang.Queue] = true;
            _isOrderKept |= fit.Failure == FitFailure.Nodes;
        }

        _explanations.Note(gang, wait);
    }

    private Wait? Preempt(GangEntry gang, int[] counts, DateTimeOffset? end)
    {
        _searchedVictims++;
        if (_victims.Find(gang, counts, _outlook.Outlasted(end), _heightAhead[gang.Queue]) is not { } victims)
        {
            return null;
        }

        foreach (var (victim, cause) in victims.Gangs)
        {
            victim.IsPreempted = true;
            Preempted.Add(new Model.Preemption(victim.Gang.Id, gang.Gang.Id, cause, Say(gang, victim, cause)));
        }

        _outlook.Claim(gang, victims.Holding, victims.Gangs.Select(static victim => victim.Gang));
        var names = victims.Gangs.Select(static victim => victim.Gang.Gang.Name).ToArray();
        return new Wait(WaitReason.PreemptionPending)
        {
            Message = $"it starts when {string.Join(", ", names.Take(3))}{(names.Length > 3 ? $" and {names.Length - 3} more" : "")} {(names.Length == 1 ? "has" : "have")} been stopped for it",
            EarliestStart = _index.Now,
        };
    }

    private static string Say(GangEntry gang, GangEntry victim, PreemptionCause cause) => cause switch
    {
        PreemptionCause.Priority => $"stopped for {gang.Gang.Name}, which stands before it in queue {gang.Gang.Queue} (priority {gang.Gang.Priority}, here {victim.Gang.Priority}); it waits for its next turn",
        PreemptionCause.Reclaim => $"stopped for {gang.Gang.Name}: queue {victim.Gang.Queue} had borrowed quota that queue {gang.Gang.Queue} takes back; it waits for its next turn",
        _ => $"stopped for {gang.Gang.Name}: queue {victim.Gang.Queue} had borrowed more than its fair share, queue {gang.Gang.Queue} less; it waits for its next turn",
    };
}
