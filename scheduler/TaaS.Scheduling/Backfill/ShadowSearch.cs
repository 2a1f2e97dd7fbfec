using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Backfill;

/// <summary>
/// Finds the earliest time at which a gang can start by what is known of run times (its shadow time), and the nodes and quota it will use then.
/// Gangs of unknown run time are taken to end after all others, the oldest first, at no known time.
/// </summary>
internal sealed class ShadowSearch(SnapshotIndex index, FitSearch search)
{
    /// <summary>Looks for a reservation.</summary>
    /// <param name="gang">The gang that cannot start now.</param>
    /// <param name="counts">Pods of every role.</param>
    /// <param name="soon">The cluster when gangs that are being stopped have gone.</param>
    /// <param name="earlier">Reservations that it must not delay.</param>
    /// <param name="isShortOfQuota">What it lacks now is quota, not nodes.</param>
    /// <returns>Null where it would have no room even if every gang ended.</returns>
    internal Reservation? Find(GangEntry gang, int[] counts, Moment soon, List<Reservation> earlier, bool isShortOfQuota)
    {
        var ends = index.Gangs.Where(other => other.Holding is not null && !soon.IsGone(other)).ToArray();
        Array.Sort(ends, CompareEnds);
        if (Try(ends.Length) is not { } found)
        {
            return null;
        }

        var (low, high) = (0, ends.Length);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (Try(middle) is { } sooner)
            {
                (found, high) = (sooner, middle);
            }
            else
            {
                low = middle + 1;
            }
        }

        return found;

        Reservation? Try(int ended)
        {
            var start = ended == 0 ? index.Now : ends[ended - 1].End;
            var moment = soon.Copy();
            for (var at = 0; at < ended; at++)
            {
                moment.Release(ends[at]);
            }

            var end = start is { } time ? index.End(time, gang.Gang.ExpectedRunTime) : null;
            var worlds = new List<World> { moment.World };
            foreach (var reservation in earlier)
            {
                if (reservation.StandsBefore(start))
                {
                    reservation.Fill(moment.World);
                }
                else if (reservation.IsOutlastedBy(end))
                {
                    worlds.Add(reservation.Moment.World);
                }
            }

            var fit = search.TryFit(gang, counts, worlds.ToArray());
            return fit.Holding is { } holding ? new Reservation(gang, holding, start, moment, isShortOfQuota && start is null) : null;
        }
    }

    private static int CompareEnds(GangEntry left, GangEntry right) =>
        (left.End is null) != (right.End is null) ? (left.End is null ? 1 : -1)
        : left.End is { } end && end != right.End!.Value ? end.CompareTo(right.End.Value)
        : left.Gang.PlacedAt is { } placed && right.Gang.PlacedAt is { } other && placed != other ? placed.CompareTo(other)
        : left.Rank.CompareTo(right.Rank);
}
