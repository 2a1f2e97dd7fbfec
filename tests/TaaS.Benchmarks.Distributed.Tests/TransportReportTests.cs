using TaaS.Benchmarks.Distributed.Transport;

namespace TaaS.Benchmarks.Distributed.Tests;

/// <summary>Lost otherwise: a broken promise that is printed as kept.</summary>
public sealed class TransportReportTests
{
    [Fact]
    public void Bounds_HoldForTheSlowestOfOurWays()
    {
        Assert.Equal([true, true, true, true], Verdicts(ownSeconds: 0.1, allocated: 1000, latency: 100e-6));
        Assert.Equal([false, false, true, true], Verdicts(ownSeconds: 0.2, allocated: 1000, latency: 100e-6));
        Assert.Equal([true, true, false, false], Verdicts(ownSeconds: 0.1, allocated: 65_536, latency: 150e-6));
    }

    [Fact]
    public void Bounds_WithoutIperf_SayNothingOfIt() =>
        Assert.Equal(3, TransportBounds.Of(Result(0.1, 0, 1e-5) with { Iperf = null, IperfBytesPerSecond = [] }).Count);

    [Fact]
    public void Ratios_AreOfTheSameRound()
    {
        // Twice as fast in each round, though the machine got slower.
        var own = Exchange("own", 1, 2, 4);
        var other = Exchange("other", 2, 4, 8);
        Assert.Equal(2, own.RatioTo(other));
        Assert.Equal(0.5, own.RatioTo([200, 100, 50]));
        Assert.Equal(2, own.Seconds);
        Assert.Equal(50, own.BytesPerSecond);
    }

    [Fact]
    public void Iperf_Report_GivesBytesASecondOrItsError()
    {
        Assert.Equal(1e9, Iperf.Rate("""{"end":{"sum_received":{"bits_per_second":8e9}}}"""));
        Assert.Equal("iperf3: unable to connect", Assert.Throws<BenchmarkException>(() => Iperf.Rate("""{"error":"unable to connect"}""")).Message);
        Assert.StartsWith("iperf3 gave no report", Assert.Throws<BenchmarkException>(() => Iperf.Rate("")).Message, StringComparison.Ordinal);
        Assert.StartsWith("iperf3 gave no report", Assert.Throws<BenchmarkException>(() => Iperf.Rate("{}")).Message, StringComparison.Ordinal);
    }

    private static bool[] Verdicts(double ownSeconds, long allocated, double latency) => [.. TransportBounds.Of(Result(ownSeconds, allocated, latency)).Select(bound => bound.IsMet)];

    private static TransportResult Result(double ownSeconds, long allocated, double latency) => new(
        [
            new ExchangeResult("fast", 100, [new ExchangeRound(0.01, 0, 0, 0, 0)], 0),
            new ExchangeResult("slow", 100, [new ExchangeRound(ownSeconds, 0, allocated, 0, 0)], 0),
            new ExchangeResult("gRPC stream", 100, [new ExchangeRound(0.5, 1_000_000, 1_000_000, 0, 0)], 0),
        ],
        [new LatencyResult("fast", 1e-5, 1e-5, 1, 0, 0), new LatencyResult("slow", latency, 1, 1, 0, 0), new LatencyResult("gRPC stream", 1, 1, 1, 0, 0)],
        [1500],
        "iperf 3.12");

    private static ExchangeResult Exchange(string name, params double[] seconds) => new(name, 100, [.. seconds.Select(one => new ExchangeRound(one, 0, 0, 0, 0))], 0);
}
