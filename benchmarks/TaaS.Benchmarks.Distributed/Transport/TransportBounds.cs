using System.Globalization;

namespace TaaS.Benchmarks.Distributed.Transport;

/// <summary>A promise about the transport and whether a run kept it.</summary>
/// <param name="Text">The promise and the figure.</param>
/// <param name="IsMet">Whether it was kept.</param>
internal sealed record TransportBound(string Text, bool IsMet);

/// <summary>What is promised: ratios of one run, bytes that do not depend on the machine, and one latency. Each holds for the slowest of our ways.</summary>
internal static class TransportBounds
{
    private const double OfIperf = 0.6;
    private const double TimesGrpc = 4;
    private const long AllocatedBytes = 64 * 1024;
    private const double LatencySeconds = 150e-6;

    internal static IReadOnlyList<TransportBound> Of(TransportResult result)
    {
        ExchangeResult[] ours = [.. result.Exchanges.SkipLast(1)];
        var bounds = new List<TransportBound>();
        if (result.Iperf is not null)
        {
            var share = ours.Min(exchange => exchange.RatioTo(result.IperfBytesPerSecond));
            bounds.Add(new TransportBound(Invariant($"at least {OfIperf:P0} of iperf3's single-stream rate: {share:P0}"), share >= OfIperf));
        }

        var times = ours.Min(exchange => exchange.RatioTo(result.GrpcExchange));
        bounds.Add(new TransportBound(Invariant($"at least {TimesGrpc} x gRPC: {times:F2}"), times >= TimesGrpc));
        var most = ours.Max(exchange => Math.Max(exchange.WorkerAllocatedBytes, exchange.ServerAllocatedBytes));
        bounds.Add(new TransportBound(Invariant($"fewer than {AllocatedBytes:N0} bytes allocated in any round on either side: {most:N0}"), most < AllocatedBytes));
        var latency = result.Latencies.SkipLast(1).Max(one => one.Median);
        bounds.Add(new TransportBound(Invariant($"p50 of a 4 KiB push+pull below {LatencySeconds * 1e6:F0} µs: {latency * 1e6:F0} µs"), latency < LatencySeconds));
        return bounds;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
