namespace TaaS.Scheduling.Indexing;

/// <summary>Sums of amounts that stay far from overflow, whatever a quota or a request says.</summary>
internal static class Amount
{
    /// <summary>Capacities and quotas end here (4 PiB, or as many cores' thousandths).</summary>
    internal const long Most = 1L << 52;

    /// <summary>What a node or a quota offers.</summary>
    internal static long Offered(long amount) => Math.Clamp(amount, 0, Most);

    /// <summary>What a pod asks for; more than any capacity stays more.</summary>
    internal static long Asked(long amount) => Math.Clamp(amount, 0, Most + 1);

    internal static long Sum(long left, long right)
    {
        var sum = unchecked(left + right);
        return ((left ^ sum) & (right ^ sum)) >= 0 ? sum : left < 0 ? long.MinValue : long.MaxValue;
    }

    internal static long Product(long amount, int count)
    {
        var high = Math.BigMul(amount, count, out var low);
        return high == 0 && low >= 0 ? low : long.MaxValue;
    }
}
