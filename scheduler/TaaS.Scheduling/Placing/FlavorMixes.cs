using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Placing;

/// <summary>All ways to give every role of a gang one of its flavors, the first role's choice changing last.</summary>
internal sealed class FlavorMixes(GangEntry gang)
{
    /// <summary>More mixes than this are not looked at.</summary>
    internal const int Most = 4096;

    private readonly int[] _choice = new int[gang.Sets.Length];
    private int _given;
    private bool _isDone = gang.Sets.Length == 0 || gang.Sets.Any(static set => set.Flavors.Length == 0);

    /// <summary>True where <see cref="Most"/> ended the list.</summary>
    internal bool IsCut { get; private set; }

    /// <summary>The next mix: a flavor for each role; null after the last.</summary>
    internal int[]? Next()
    {
        if (_isDone)
        {
            return null;
        }

        if (_given++ == Most)
        {
            (IsCut, _isDone) = (true, true);
            return null;
        }

        var flavors = new int[_choice.Length];
        for (var set = 0; set < flavors.Length; set++)
        {
            flavors[set] = gang.Sets[set].Flavors[_choice[set]];
        }

        Advance();
        return flavors;
    }

    private void Advance()
    {
        for (var set = _choice.Length - 1; set >= 0; set--)
        {
            if (++_choice[set] < gang.Sets[set].Flavors.Length)
            {
                return;
            }

            _choice[set] = 0;
        }

        _isDone = true;
    }
}
