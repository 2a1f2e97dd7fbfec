using TaaS.Scheduling.Indexing;

namespace TaaS.Scheduling.Ordering;

/// <summary>Step 3 of a pass: whose turn it is next among the gangs that wait.</summary>
internal abstract class Line
{
    /// <summary>The next gang; null when each had its turn.</summary>
    internal abstract GangEntry? Next();

    /// <summary>The gang that came last had its turn.</summary>
    /// <param name="gang">The gang.</param>
    internal abstract void Done(GangEntry gang);
}

/// <summary>Priority, then submit time, over all queues.</summary>
internal sealed class FifoLine : Line
{
    private readonly GangEntry[] _gangs;
    private int _next;

    internal FifoLine(IEnumerable<GangEntry> gangs)
    {
        _gangs = [.. gangs];
        Array.Sort(_gangs, GangEntry.CompareInQueue);
    }

    internal override GangEntry? Next() => _next < _gangs.Length ? _gangs[_next] : null;

    internal override void Done(GangEntry gang) => _next++;
}
