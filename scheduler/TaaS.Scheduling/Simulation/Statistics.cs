namespace TaaS.Scheduling.Simulation;

/// <summary>Figures of a sample.</summary>
/// <param name="Count">Size of the sample.</param>
/// <param name="Mean">Mean; 0 of an empty sample, as are the others.</param>
/// <param name="Median">Half are at most this.</param>
/// <param name="P95">19 in 20 are at most this.</param>
/// <param name="Max">The largest.</param>
public sealed record Statistics(int Count, double Mean, double Median, double P95, double Max)
{
    /// <summary>Figures of these values, in any order.</summary>
    public static Statistics Of(IEnumerable<double> values)
    {
        var all = values.ToArray();
        return all.Length == 0
            ? new Statistics(0, 0, 0, 0, 0)
            : new Statistics(all.Length, all.Average(), Quantile(all, 0.5), Quantile(all, 0.95), all.Max());
    }

    /// <summary>The least value that a share of all values does not exceed (nearest rank).</summary>
    internal static double Quantile(double[] values, double share)
    {
        Array.Sort(values);
        return values[Math.Clamp((int)Math.Ceiling(share * values.Length) - 1, 0, values.Length - 1)];
    }

    /// <summary>
    /// How evenly values are spread: 1 when all are equal, 1/n when one has everything; 1 of none.
    /// <b>Source</b>: Jain, Chiu, Hawe, "A Quantitative Measure of Fairness and Discrimination for Resource Allocation in Shared Computer Systems", 1984.
    /// </summary>
    internal static double JainIndex(IReadOnlyCollection<double> values)
    {
        var sum = values.Sum();
        var squares = values.Sum(static value => value * value);
        return squares == 0 ? 1 : sum * sum / (values.Count * squares);
    }
}
