using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Placing;
using TaaS.Scheduling.Quota;

namespace TaaS.Scheduling.Backfill;

/// <summary>
/// What is free now, what will be when gangs that are being stopped have gone, and what has to be free when reservations begin.
/// A gang that starts takes its room in all of these moments at which it will still be there.
/// </summary>
internal sealed class Outlook
{
    private readonly SnapshotIndex _index;
    private readonly List<Reservation> _reservations = [];
    private readonly List<GangEntry> _claims = [];
    private readonly List<(GangEntry Gang, Demand Demand)> _newcomers = [];
    private Moment? _soon;

    internal Outlook(SnapshotIndex index)
    {
        _index = index;
        Now = World.Now(index);
    }

    internal World Now { get; }

    /// <summary>When gangs that are being stopped have gone and those they are stopped for have started.</summary>
    internal Moment Soon
    {
        get
        {
            if (_soon is null)
            {
                _soon = Moment.From(Now, _index.Gangs.Length);
                foreach (var gang in _index.Gangs.Where(static gang => gang is { Gang.IsTerminating: true, Holding: not null }))
                {
                    _soon.Release(gang);
                }
            }

            return _soon;
        }
    }

    /// <summary>What gangs use of quotas at <see cref="Soon"/> that run already, without those that start in this pass or can start then.</summary>
    internal QuotaUsage HeldSoon()
    {
        var held = Soon.World.Quota.Copy();
        foreach (var (gang, demand) in _newcomers)
        {
            held.Remove(gang.Queue, demand);
        }

        return held;
    }

    internal List<Reservation> Reservations => _reservations;

    /// <summary>Does any gang hold on to room that it cannot use yet?</summary>
    internal bool IsAnyoneAhead => _reservations.Count > 0 || _claims.Count > 0;

    /// <summary>For whom room is kept that a gang would take: the first of them.</summary>
    internal GangEntry? FirstAhead => _reservations.Count > 0 ? _reservations[0].Gang : _claims.FirstOrDefault();

    /// <summary>All moments at which a gang that starts now would have to have room.</summary>
    internal World[] MomentsUntil(DateTimeOffset? end)
    {
        var worlds = new List<World> { Now };
        if (_claims.Count > 0)
        {
            worlds.Add(Soon.World);
        }

        worlds.AddRange(Outlasted(end).Select(static moment => moment.World));
        return [.. worlds];
    }

    /// <summary>The same for a gang that starts when those that are being stopped have gone.</summary>
    internal World[] MomentsFromSoonUntil(DateTimeOffset? end) => [Soon.World, .. Outlasted(end).Select(static moment => moment.World)];

    /// <summary>Beginnings of the reservations that a gang with a given end would still see.</summary>
    internal List<Moment> Outlasted(DateTimeOffset? end) =>
        [.. _reservations.Where(reservation => reservation.IsOutlastedBy(end)).Select(static reservation => reservation.Moment)];

    /// <summary>A gang starts now, or grows.</summary>
    internal void Start(GangEntry gang, Holding holding, DateTimeOffset? end)
    {
        Now.Take(gang, holding);
        _soon?.World.Take(gang, holding);
        _newcomers.Add((gang, holding.Demand));
        TakeLater(gang, holding, end);
    }

    /// <summary>A gang starts as soon as others have gone.</summary>
    internal void Claim(GangEntry gang, Holding holding, IEnumerable<GangEntry> victims)
    {
        foreach (var victim in victims)
        {
            Soon.Release(victim);
            foreach (var reservation in _reservations)
            {
                reservation.Moment.Release(victim);
            }
        }

        Soon.World.Take(gang, holding);
        _claims.Add(gang);
        _newcomers.Add((gang, holding.Demand));
        (gang.Holding, gang.End) = (holding, _index.End(_index.Now, gang.Gang.ExpectedRunTime));
        TakeLater(gang, holding, gang.End);
    }

    /// <summary>Keeps room for a gang.</summary>
    internal void Reserve(Reservation reservation)
    {
        reservation.Fill(reservation.Moment.World);
        foreach (var earlier in _reservations)
        {
            if (!earlier.StandsBefore(reservation.Start) && earlier.IsOutlastedBy(reservation.End))
            {
                reservation.Fill(earlier.Moment.World);
            }
        }

        _reservations.Add(reservation);
    }

    private void TakeLater(GangEntry gang, Holding holding, DateTimeOffset? end)
    {
        foreach (var reservation in _reservations)
        {
            if (reservation.IsOutlastedBy(end))
            {
                reservation.Moment.World.Take(gang, holding);
            }
        }
    }
}
