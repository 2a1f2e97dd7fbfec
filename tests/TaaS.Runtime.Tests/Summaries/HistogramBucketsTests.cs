using CsCheck;
using TaaS.Runtime.Summaries;

namespace TaaS.Runtime.Tests.Summaries;

/// <summary>TensorBoard's buckets. Lost otherwise: histograms with values where there are none.</summary>
public sealed class HistogramBucketsTests
{
    [Fact]
    public void Count_AnyFloats_EachLiesInTheBucketThatCountsIt() =>
        Gen.Float.Array[0, 60].Sample(values =>
        {
            var finite = values.Where(float.IsFinite).Select(value => (double)value).ToArray();

            var histogram = HistogramBuckets.Count(values);

            Assert.Equal(finite.Length, histogram.Num);
            var lower = double.NegativeInfinity;
            for (var bucket = 0; bucket < histogram.Bucket.Count; bucket++)
            {
                var upper = histogram.BucketLimit[bucket];
                Assert.Equal(finite.Count(value => value >= lower && value < upper), histogram.Bucket[bucket]);
                lower = upper;
            }
        });

    [Theory]
    [InlineData(1.0)]
    [InlineData(-1.0)]
    [InlineData(1e-12)]
    [InlineData(-1e-12)]
    [InlineData(3e-13)]
    [InlineData(-3e-13)]
    [InlineData(1e25)]
    [InlineData(-1e25)]
    public void Count_OneValue_ItsBucketIsNoWiderThanATenth(double value)
    {
        var histogram = HistogramBuckets.Count([(float)value]);

        Assert.Equal([0.0, 1.0], histogram.Bucket.TakeLast(2));
        var (lower, upper) = (histogram.BucketLimit[^2], histogram.BucketLimit[^1]);
        Assert.InRange((float)value, lower, upper);
        var isWide = Math.Abs(value) is < 1e-12 or >= 1e20;
        Assert.True(isWide || Math.Abs(upper - lower) <= Math.Min(Math.Abs(lower), Math.Abs(upper)) * 0.1 * (1 + 1e-9) + 1e-12, $"[{lower}, {upper})");
    }

    [Fact]
    public void Count_Nothing_IsOneEmptyBucket()
    {
        var histogram = HistogramBuckets.Count([float.NaN, float.PositiveInfinity]);

        Assert.Equal((0.0, 0.0, 0.0), (histogram.Num, histogram.Min, histogram.Max));
        Assert.Equal([0.0], histogram.Bucket);
    }
}
