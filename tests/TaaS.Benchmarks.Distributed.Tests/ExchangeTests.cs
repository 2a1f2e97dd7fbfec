using System.Text.Json;
using TaaS.Benchmarks.Distributed.Grpc;
using TaaS.Benchmarks.Distributed.Processes;
using TaaS.Benchmarks.Distributed.Transport;

namespace TaaS.Benchmarks.Distributed.Tests;

/// <summary>Real processes on tiny models. A comparison means something only if both sides do the whole work. Lost otherwise: every ratio that is told.</summary>
[Trait("Category", "process")]
public sealed class ExchangeTests
{
    // Two parameters of several slices, the last ones ragged.
    private const int Elements = 2_500_000 + 300_001;

    [Fact]
    public Task Grpc_PushesUpdatesAndPullsEverySlice() => UpdatesEachRoundAsync(() => new GrpcExchange(Elements));

    [Theory]
    [InlineData(false, -1)]
    [InlineData(false, 0)]
    [InlineData(true, -1)]
    [InlineData(true, 0)]
    public Task Own_PushesUpdatesAndPullsEverySlice(bool isUnix, int staleness) => UpdatesEachRoundAsync(() => new OwnExchange(isUnix, staleness, Elements));

    [Fact]
    public async Task Measure_ATinyModel_BringsAllFigures()
    {
        const int rounds = 2;
        var result = await new TransportRun(100_000, rounds, exchanges: 20, _ => { }).MeasureAsync();

        Assert.Equal(["TCP, async", "TCP, sync", "Unix socket, async", "Unix socket, sync", "gRPC stream"], result.Exchanges.Select(exchange => exchange.Name));
        Assert.Equal(result.Exchanges.Select(exchange => exchange.Name), result.Latencies.Select(latency => latency.Name));
        Assert.All(result.Exchanges, exchange =>
        {
            Assert.Equal(rounds, exchange.Rounds.Count);
            Assert.Equal(200_000, exchange.Bytes);
            Assert.True(exchange.Seconds > 0 && exchange.UpdateSeconds > 0);
        });
        Assert.All(result.Latencies, latency => Assert.True(latency.Median > 0 && latency.High >= latency.Median && latency.Count == 40, $"{latency}"));
        Assert.Equal(result.Iperf is null ? 0 : rounds, result.IperfBytesPerSecond.Count);
        Assert.Equal(1, result.GrpcExchange.RatioTo(result.GrpcExchange));

        // The promise that does not depend on the machine's load.
        Assert.All(result.Exchanges.SkipLast(1), exchange => Assert.True(Math.Max(exchange.WorkerAllocatedBytes, exchange.ServerAllocatedBytes) < 64 * 1024, $"{exchange.Name} {exchange.WorkerAllocatedBytes} {exchange.ServerAllocatedBytes}"));

        using var folder = new TemporaryFolder();
        var text = new StringWriter();
        TransportReport.Print(result, text);
        TransportReport.WriteJson(folder.File("transport.json"), result);
        Assert.Contains("gRPC stream", text.ToString(), StringComparison.Ordinal);
        using var json = JsonDocument.Parse(File.ReadAllText(folder.File("transport.json")));
        Assert.Equal(rounds, json.RootElement.GetProperty("result").GetProperty("exchanges")[0].GetProperty("rounds").GetArrayLength());
    }

    [Fact]
    public void Peer_ThatEnds_IsToldByName()
    {
        using var peer = PeerProcess.Start([ParameterServerPeer.Kind, "nowhere", "0", "0", "1"], "secret");
        var error = Assert.Throws<BenchmarkException>(peer.Hear);
        Assert.Equal("the peer 'server nowhere' ended with exit code 1; what it said is above", error.Message);
    }

    private static async Task UpdatesEachRoundAsync(Func<IExchange> open)
    {
        using var exchange = open();
        exchange.Content.Check(0);
        for (var round = 1; round <= 3; round++)
        {
            // What is not overwritten is seen.
            foreach (var value in exchange.Content.Values)
            {
                value.Floats.Fill(float.NaN);
            }

            await exchange.ExchangeAsync();
            exchange.Content.Check(round);
        }

        var error = Assert.Throws<BenchmarkException>(() => exchange.Content.Check(4));
        Assert.StartsWith("wrong content: 0.weight[0] is ", error.Message, StringComparison.Ordinal);
    }
}
