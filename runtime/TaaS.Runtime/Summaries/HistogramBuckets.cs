using TaaS.Runtime.Summaries.Protocol;

namespace TaaS.Runtime.Summaries;

/// <summary>
/// TensorBoard's buckets: 0, and on both sides limits that grow by a tenth from 1e-12 to 1e20. A bucket holds what is at least the limit before
/// and below its own.
/// </summary>
internal static class HistogramBuckets
{
    private const double Smallest = 1e-12;
    private const double Largest = 1e20;
    private const double Growth = 1.1;

    private static readonly double[] Positive = MakePositive();
    private static readonly double[] Limits = [.. Positive.Reverse().Select(limit => -limit), 0, .. Positive];

    /// <summary>Index of the bucket whose limit is 0.</summary>
    private static int Zero => Positive.Length;

    /// <summary>Counts values into buckets. NaN and infinities have no place in a histogram and are left out.</summary>
    public static HistogramProto Count(ReadOnlySpan<float> values)
    {
        var buckets = new long[Limits.Length];
        var (least, most, sum, squares, count) = (double.PositiveInfinity, double.NegativeInfinity, 0.0, 0.0, 0L);
        foreach (var single in values)
        {
            if (!float.IsFinite(single))
            {
                continue;
            }

            double value = single;
            buckets[BucketOf(value)]++;
            least = Math.Min(least, value);
            most = Math.Max(most, value);
            sum += value;
            squares += value * value;
            count++;
        }

        var histogram = new HistogramProto { Num = count, Sum = sum, SumSquares = squares };
        if (count > 0)
        {
            (histogram.Min, histogram.Max) = (least, most);
        }

        Fill(histogram, buckets);
        return histogram;
    }

    /// <summary>The first bucket whose limit is above the value.</summary>
    internal static int BucketOf(double value)
    {
        // Limits are powers, so a logarithm is near; rounding may put it one off.
        var size = Math.Abs(value);
        var power = size < Smallest ? 0 : Math.Min((int)(Math.Log(size / Smallest) / Math.Log(Growth)) + 1, Positive.Length - 1);
        var bucket = value < 0 ? Zero - power : Zero + 1 + power;
        while (bucket > 0 && value < Limits[bucket - 1])
        {
            bucket--;
        }

        while (value >= Limits[bucket] && bucket < Limits.Length - 1)
        {
            bucket++;
        }

        return bucket;
    }

    // A run of empty buckets is stored as one, so that a file holds only where values are.
    private static void Fill(HistogramProto histogram, ReadOnlySpan<long> buckets)
    {
        var first = buckets.IndexOfAnyExcept(0);
        if (first < 0)
        {
            histogram.BucketLimit.Add(double.MaxValue);
            histogram.Bucket.Add(0);
            return;
        }

        var last = buckets.LastIndexOfAnyExcept(0);
        for (var bucket = Math.Max(first - 1, 0); bucket <= last; bucket++)
        {
            if (buckets[bucket] == 0 && bucket < last && buckets[bucket + 1] == 0)
            {
                continue;
            }

            histogram.BucketLimit.Add(Limits[bucket]);
            histogram.Bucket.Add(buckets[bucket]);
        }
    }

    private static double[] MakePositive()
    {
        var limits = new List<double>();
        for (var limit = Smallest; limit < Largest; limit *= Growth)
        {
            limits.Add(limit);
        }

        limits.Add(double.MaxValue);
        return [.. limits];
    }
}
