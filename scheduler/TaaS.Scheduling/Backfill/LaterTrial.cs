using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Backfill;

/// <summary>The cluster at one time after another, as gangs end: forwards and back, without building it anew.</summary>
internal sealed class LaterTrial
{
    private readonly SnapshotIndex _index;
    private readonly GangEntry[] _ends;
    private readonly List<Reservation> _filled = [];
    private int _ended;

    internal LaterTrial(SnapshotIndex index, Moment soon)
    {
        _index = index;
        Moment = soon.Copy();
        _ends = [.. index.Gangs.Where(gang => gang.Holding is not null && !soon.IsGone(gang))];
        Array.Sort(_ends, CompareEnds);
    }

    internal Moment Moment { get; }

    /// <summary>How many gangs will end.</summary>
    internal int Ends => _ends.Length;

    /// <summary>When the last of those that have ended does; null where nobody knows.</summary>
    internal DateTimeOffset? Start => _ended == 0 ? _index.Now : _ends[_ended - 1].End;

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
            Moment.Release(_ends[_ended]);
        }

        for (; _ended > ended; _ended--)
        {
            Moment.Keep(_ends[_ended - 1]);
        }
    }

    /// <summary>A gang for which room is kept has started.</summary>
    internal void Fill(Reservation reservation)
    {
        reservation.Fill(Moment.World);
        _filled.Add(reservation);
    }

    private static int CompareEnds(GangEntry left, GangEntry right) =>
        (left.End is null) != (right.End is null) ? (left.End is null ? 1 : -1)
        : left.End is { } end && end != right.End!.Value ? end.CompareTo(right.End.Value)
        : left.Gang.PlacedAt is { } placed && right.Gang.PlacedAt is { } other && placed != other ? placed.CompareTo(other)
        : left.Rank.CompareTo(right.Rank);
}
