using TaaS.Scheduling.Indexing;
using TaaS.Scheduling.Placing;

namespace TaaS.Scheduling.Backfill;

/// <summary>The cluster at a later time, when some gangs will have gone.</summary>
internal sealed class Moment
{
    /// <summary>By rank.</summary>
    private readonly bool[] _isGone;

    private int _gone;

    private Moment(World world, bool[] isGone, int gone) => (World, _isGone, _gone) = (world, isGone, gone);

    internal World World { get; }

    /// <summary>Has any gang gone that is still there now?</summary>
    internal bool IsLater => _gone > 0;

    /// <summary>The same cluster as now, with nobody gone.</summary>
    /// <param name="now">The cluster.</param>
    /// <param name="gangs">How many gangs there are.</param>
    internal static Moment From(World now, int gangs) => new(now.Copy(), new bool[gangs], 0);

    internal Moment Copy() => new(World.Copy(), (bool[])_isGone.Clone(), _gone);

    internal bool IsGone(GangEntry gang) => _isGone[gang.Rank];

    /// <summary>A gang goes, unless it went before.</summary>
    /// <returns>False where it went before.</returns>
    internal bool Release(GangEntry gang)
    {
        if (_isGone[gang.Rank])
        {
            return false;
        }

        _isGone[gang.Rank] = true;
        _gone++;
        World.Release(gang, gang.Holding!);
        return true;
    }

    /// <summary>A gang that had gone stays after all.</summary>
    internal void Keep(GangEntry gang)
    {
        if (_isGone[gang.Rank])
        {
            _isGone[gang.Rank] = false;
            _gone--;
            World.Take(gang, gang.Holding!);
        }
    }
}
