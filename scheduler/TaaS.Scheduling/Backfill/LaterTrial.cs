using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Backfill;

/// <summary>The cluster at one time after another, as gangs end: forwards and back, without building it anew.</summary>
internal sealed class LaterTrial
{
    private readonly SnapshotIndex _index;
    private readonly List<(DateTimeOffset? Time, GangEntry Gang)> _ends;
    private readonly List<Reservation> _filled = [];
    private int _ended;

    /// <param name="index">The snapshot.</param>
    /// <param name="soon">The cluster when gangs that are being stopped have gone.</param>
    /// <param name="reservations">Gangs that are not there yet, but will come and go.</param>
    internal LaterTrial(SnapshotIndex index, Moment soon, List<Reservation> reservations)
    {
        _index = index;
        Moment = soon.Copy();
        _ends = new(index.Gangs.Length + reservations.Count);
        _ends.AddRange(index.Gangs.Where(gang => gang.Holding is not null && !soon.IsGone(gang)).Select(static gang => (gang.End, gang)));
        _ends.AddRange(reservations.Where(static reservation => reservation.End is not null).Select(static reservation => (reservation.End, reservation.Gang)));
        _ends.Sort(CompareEnds);
    }

    internal Moment Moment { get; }

    /// <summary>How many gangs will end.</summary>
    internal int Ends => _ends.Count;

    /// <summary>When the last of those that have ended does; null where nobody knows.</summary>
    internal DateTimeOffset? Start => _ended == 0 ? _index.Now : _ends[_ended - 1].Time;

    /// <summary>Goes to the time when so many gangs have ended, and nobody for whom room is kept has started yet.</summary>
    internal void MoveTo(int ended)
    {
        foreach (var reservation in _filled)
        {
            reservation.Empty(Moment.World);
        }

        _filled.Clear();
        for (; _ended < ended; _ended++)
        {
            if (_ends[_ended].Gang.Holding is not null)
            {
                Moment.Release(_ends[_ended].Gang);
            }
        }

        for (; _ended > ended; _ended--)
        {
            Moment.Keep(_ends[_ended - 1].Gang);
        }
    }

    /// <summary>A gang for which room is kept has started, and is still there.</summary>
    internal void Fill(Reservation reservation)
    {
        reservation.Fill(Moment.World);
        _filled.Add(reservation);
    }

    private static int CompareEnds((DateTimeOffset? Time, GangEntry Gang) left, (DateTimeOffset? Time, GangEntry Gang) right) =>
        (left.Time is null) != (right.Time is null) ? (left.Time is null ? 1 : -1)
        : left.Time is { } time && time != right.Time!.Value ? time.CompareTo(right.Time.Value)
        : left.Gang.Gang.PlacedAt is { } placed && right.Gang.Gang.PlacedAt is { } other && placed != other ? placed.CompareTo(other)
        : left.Gang.Rank.CompareTo(right.Gang.Rank);
}
