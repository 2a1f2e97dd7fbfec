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
        var later = new LaterTrial(index, soon, earlier);
        if (Try(later, later.Ends) is not { } found)
        {
            return null;
        }

        var (low, high) = (0, later.Ends);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (Try(later, middle) is { } sooner)
            {
                (found, high) = (sooner, middle);
            }
            else
            {
                low = middle + 1;
            }
        }

        // The last attempt may have been at another time than the one that was found.
        Advance(later, high, []);
        return new Reservation(gang, found, later.Start, EndFrom(later.Start), later.Moment, isShortOfQuota && later.Start is null);

        Holding? Try(LaterTrial later, int ended)
        {
            var worlds = new List<World> { later.Moment.World };
            Advance(later, ended, worlds);
            return search.TryFit(gang, counts, worlds.ToArray()).Holding;
        }

        DateTimeOffset? EndFrom(DateTimeOffset? start) => start is { } time ? index.End(time, gang.Gang.ExpectedRunTime) : null;

        // Those for whom room is kept from before that time on are there; what is kept from a later time on must be left.
        void Advance(LaterTrial later, int ended, List<World> worlds)
        {
            later.MoveTo(ended);
            foreach (var reservation in earlier)
            {
                if (reservation.StandsBefore(later.Start))
                {
                    if (!reservation.IsOverBy(later.Start))
                    {
                        later.Fill(reservation);
                    }
                }
                else if (reservation.IsOutlastedBy(EndFrom(later.Start)))
                {
                    worlds.Add(reservation.Moment.World);
                }
            }
        }
    }
}
