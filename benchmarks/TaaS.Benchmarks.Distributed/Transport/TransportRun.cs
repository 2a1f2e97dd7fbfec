using System.Diagnostics;
using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Grpc;
using TaaS.Benchmarks.Distributed.Processes;
using TaaS.Benchmarks.Operations.Timing;

namespace TaaS.Benchmarks.Distributed.Transport;

/// <summary>
/// Runs every way to exchange in turn, round after round in one run, and checks the content of each round:
/// what else the machine does then falls on all of them alike, and a wrong result gets no time.
/// </summary>
/// <param name="bytes">Size of the large model.</param>
/// <param name="rounds">Rounds that count.</param>
/// <param name="exchanges">Small exchanges a round.</param>
/// <param name="progress">Takes a line for each stage.</param>
internal sealed class TransportRun(long bytes, int rounds, int exchanges, Action<string> progress)
{
    private const int SmallBytes = 4096;
    private const int WarmUps = 5;

    /// <summary>Measures all.</summary>
    /// <exception cref="BenchmarkException">A peer failed or brought a wrong result.</exception>
    internal async Task<TransportResult> MeasureAsync()
    {
        var iperf = Iperf.Version;
        var rates = new List<double>();
        var large = await MeasureLargeAsync(iperf is null ? null : rates);
        return new TransportResult(large, await MeasureLatencyAsync(), rates, iperf);
    }

    private static IExchange[] Open(int elements)
    {
        var opened = new List<IExchange>();
        try
        {
            foreach (var (isUnix, staleness) in new[] { (false, -1), (false, 0), (true, -1), (true, 0) })
            {
                opened.Add(new OwnExchange(isUnix, staleness, elements));
            }

            opened.Add(new GrpcExchange(elements));
            return [.. opened];
        }
        catch
        {
            Close(opened);
            throw;
        }
    }

    private static void Close(IEnumerable<IExchange> exchanges)
    {
        foreach (var exchange in exchanges)
        {
            exchange.Dispose();
        }
    }

    private async Task<IReadOnlyList<ExchangeResult>> MeasureLargeAsync(List<double>? iperfRates)
    {
        progress($"starting servers for {bytes / 1e6:0.#} MB");
        var elements = checked((int)(bytes / sizeof(float)));
        var all = Open(elements);
        try
        {
            var results = all.Select(_ => new List<ExchangeRound>()).ToArray();
            var updates = 0;
            for (var round = -WarmUps; round < rounds; round++)
            {
                progress(round < 0 ? $"warming up, {-round} to go" : $"round {round + 1} of {rounds}");
                updates++;
                for (var turn = 0; turn < all.Length; turn++)
                {
                    // The order changes, so that nobody always follows the same one.
                    var at = (turn + updates) % all.Length;
                    var measured = await TimeAsync(all[at]);
                    all[at].Content.Check(updates);
                    if (round >= 0)
                    {
                        results[at].Add(measured);
                    }
                }

                if (round >= 0)
                {
                    iperfRates?.Add(Iperf.Measure());
                }
            }

            var update = all[0].Server.Ask<double>($"{PeerConversation.Update} {elements}");
            return [.. all.Select((exchange, i) => new ExchangeResult(exchange.Name, 2 * exchange.Content.Bytes, results[i], update))];
        }
        finally
        {
            Close(all);
        }
    }

    private static async Task<ExchangeRound> TimeAsync(IExchange exchange)
    {
        var server = exchange.Server.Ask<PeerUsage>(PeerConversation.Usage);
        var worker = PeerUsage.Current;
        var start = Stopwatch.GetTimestamp();
        await exchange.ExchangeAsync();
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        worker = PeerUsage.Current - worker;
        server = exchange.Server.Ask<PeerUsage>(PeerConversation.Usage) - server;
        return new ExchangeRound(seconds, worker.AllocatedBytes, server.AllocatedBytes, worker.ProcessorSeconds, server.ProcessorSeconds);
    }

    private async Task<IReadOnlyList<LatencyResult>> MeasureLatencyAsync()
    {
        progress($"latency of {SmallBytes} bytes");
        var all = Open(SmallBytes / sizeof(float));
        try
        {
            var seconds = all.Select(_ => new double[rounds * exchanges]).ToArray();
            var worker = new long[all.Length];
            var server = new long[all.Length];
            for (var round = -1; round < rounds; round++)
            {
                for (var turn = 0; turn < all.Length; turn++)
                {
                    var at = (turn + round + 1) % all.Length;
                    var before = all[at].Server.Ask<PeerUsage>(PeerConversation.Usage);
                    var own = PeerUsage.Current;

                    // The first round warms up: what it wrote is overwritten by the next.
                    await RepeatAsync(all[at], seconds[at].AsMemory(Math.Max(round, 0) * exchanges, exchanges));
                    own = PeerUsage.Current - own;
                    var other = all[at].Server.Ask<PeerUsage>(PeerConversation.Usage) - before;
                    all[at].Content.Check((round + 2L) * exchanges);
                    if (round >= 0)
                    {
                        worker[at] += own.AllocatedBytes;
                        server[at] += other.AllocatedBytes;
                    }
                }
            }

            return [.. all.Select((exchange, at) =>
            {
                double[] sorted = [.. seconds[at].Order()];
                return new LatencyResult(exchange.Name, Stretch.Quantile(sorted, 0.5), Stretch.Quantile(sorted, 0.99), sorted.Length, (double)worker[at] / sorted.Length, (double)server[at] / sorted.Length);
            })];
        }
        finally
        {
            Close(all);
        }
    }

    private static async Task RepeatAsync(IExchange exchange, Memory<double> seconds)
    {
        for (var i = 0; i < seconds.Length; i++)
        {
            var start = Stopwatch.GetTimestamp();
            await exchange.ExchangeAsync();
            seconds.Span[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }
    }
}
