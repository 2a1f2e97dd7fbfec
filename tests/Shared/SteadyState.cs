namespace TaaS;

/// <summary>What code does once it is warm.</summary>
internal static class SteadyState
{
    /// <summary>
    /// Managed bytes this thread allocates in one run of <paramref name="work"/>: the least of several runs,
    /// since a method compiled anew in the middle of a run loads types on the thread that happens to be there.
    /// </summary>
    internal static long AllocatedBytes(Action work)
    {
        work();
        var least = long.MaxValue;
        for (var run = 0; run < 5; run++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
