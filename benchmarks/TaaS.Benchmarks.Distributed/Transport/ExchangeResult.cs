using TaaS.Benchmarks.Operations.Timing;

namespace TaaS.Benchmarks.Distributed.Transport;

/// <summary>Push and pull of a large model, one way to do it.</summary>
/// <param name="Name">How.</param>
/// <param name="Bytes">Bytes that crossed, both directions together.</param>
/// <param name="Rounds">One for each exchange that counts.</param>
/// <param name="UpdateSeconds">What the optimizer alone takes of each.</param>
internal sealed record ExchangeResult(string Name, long Bytes, IReadOnlyList<ExchangeRound> Rounds, double UpdateSeconds)
{
    /// <summary>Median seconds of an exchange.</summary>
    public double Seconds => Median(round => round.Seconds);

    /// <summary>Bytes a second, both directions together, at the median.</summary>
    public double BytesPerSecond => Bytes / Seconds;

    /// <summary>Processor time of both sides in one exchange.</summary>
    public double ProcessorSeconds => Median(round => round.WorkerProcessorSeconds + round.ServerProcessorSeconds);

    /// <summary>Most managed bytes that the worker's side allocated in a round.</summary>
    public long WorkerAllocatedBytes => Rounds.Max(round => round.WorkerAllocatedBytes);

    /// <summary>Most managed bytes that the server's side allocated in a round.</summary>
    public long ServerAllocatedBytes => Rounds.Max(round => round.ServerAllocatedBytes);

    /// <summary>Median over rounds of this speed divided by another's in the same round.</summary>
    internal double RatioTo(ExchangeResult other) =>
        Stretch.Quantile([.. Rounds.Zip(other.Rounds, (own, theirs) => theirs.Seconds / own.Seconds).Order()], 0.5);

    /// <summary>The same for rates in bytes a second, one for each round.</summary>
    internal double RatioTo(IReadOnlyList<double> rates) =>
        Stretch.Quantile([.. Rounds.Zip(rates, (own, rate) => Bytes / own.Seconds / rate).Order()], 0.5);

    private double Median(Func<ExchangeRound, double> of) => Stretch.Quantile([.. Rounds.Select(of).Order()], 0.5);
}

/// <summary>One exchange, whose content was checked.</summary>
/// <param name="Seconds">From the first push to the last value.</param>
/// <param name="WorkerAllocatedBytes">Managed bytes allocated in the worker's process.</param>
/// <param name="ServerAllocatedBytes">The same in the server's, among them some hundred for the question itself.</param>
/// <param name="WorkerProcessorSeconds">Processor time of the worker's process.</param>
/// <param name="ServerProcessorSeconds">Processor time of the server's.</param>
internal sealed record ExchangeRound(double Seconds, long WorkerAllocatedBytes, long ServerAllocatedBytes, double WorkerProcessorSeconds, double ServerProcessorSeconds);

/// <summary>Push and pull of one small slice, again and again.</summary>
/// <param name="Name">How.</param>
/// <param name="Median">Half of them took no longer; seconds.</param>
/// <param name="High">99 of 100 took no longer; seconds.</param>
/// <param name="Count">How many.</param>
/// <param name="WorkerAllocatedBytes">Managed bytes allocated by one, in the worker's process.</param>
/// <param name="ServerAllocatedBytes">The same in the server's.</param>
internal sealed record LatencyResult(string Name, double Median, double High, int Count, double WorkerAllocatedBytes, double ServerAllocatedBytes);

/// <summary>All of a run.</summary>
/// <param name="Exchanges">Large model; ours, then gRPC.</param>
/// <param name="Latencies">Small slice; the same order.</param>
/// <param name="IperfBytesPerSecond">iperf3's rate in each round; empty without it.</param>
/// <param name="Iperf">Its version, or null.</param>
internal sealed record TransportResult(IReadOnlyList<ExchangeResult> Exchanges, IReadOnlyList<LatencyResult> Latencies, IReadOnlyList<double> IperfBytesPerSecond, string? Iperf)
{
    /// <summary>The peer's exchange.</summary>
    internal ExchangeResult GrpcExchange => Exchanges[^1];
}
