namespace TaaS.Kernels.Cpu;

/// <summary>Mean and variance from vectorised sums, without losing the digits that a large common offset would cost.</summary>
internal static class Moments
{
    /// <summary>The mean, given Σ (x − center): with a center among the values, single-precision sums round what differs alone, and equal values give themselves.</summary>
    internal static double Mean(double differences, float center, long count) => center + differences / count;

    /// <summary>The biased variance, given Σ (x − (float)mean)².</summary>
    internal static double Variance(double squares, double mean, long count)
    {
        // The squares were taken around the rounded mean; what that adds is known. Rounding must not leave less than nothing: its root would be NaN.
        var rounding = mean - (float)mean;
        return Math.Max(squares / count - rounding * rounding, 0);
    }
}
