using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Backfill;

/// <summary>The cluster at a later time, when some gangs will have gone.</summary>
internal sealed class Moment
{
    private readonly HashSet<int> _gone;

    private Moment(World world, HashSet<int> gone) => (World, _gone) = (world, gone);

    internal World World { get; }

    /// <summary>Has any gang gone that is still there now?</summary>
    internal bool IsLater => _gone.Count > 0;

    /// <summary>The same cluster as now, with nobody gone.</summary>
    internal static Moment From(World now) => new(now.Copy(), []);

    internal Moment Copy() => new(World.Copy(), [.. _gone]);

    internal bool IsGone(GangEntry gang) => _gone.Contains(gang.Rank);

    /// <summary>A gang goes, unless it went before.</summary>
    /// <returns>False where it went before.</returns>
    internal bool Release(GangEntry gang)
    {
        if (!_gone.Add(gang.Rank))
        {
            return false;
        }

        World.Release(gang, gang.Holding!);
        return true;
    }

    /// <summary>A gang that had gone stays after all.</summary>
    internal void Keep(GangEntry gang)
    {
        if (_gone.Remove(gang.Rank))
        {
            World.Take(gang, gang.Holding!);
        }
    }
}
