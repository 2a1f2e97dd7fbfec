using System.Net;
using TaaS.Kernels.Reference;
using TaaS.Runtime.Observability;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;

namespace TaaS.Runtime.Tests.Observability;

/// <summary>What a role shows over HTTP. Lost otherwise: dashboards without data, and pods that take traffic too early.</summary>
public sealed class RoleEndpointTests : IDisposable
{
    private readonly RoleMetrics _role = new("ps-0");
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _role.Dispose();
        _http.Dispose();
    }

    [Fact]
    public async Task Server_BeforeAndAfterTheChiefCame_IsAliveAndThenReady()
    {
        _role.Listen("127.0.0.1:0");
        var metrics = new ServerMetrics(_role, workers: 2, new StragglerWatch(2, TimeProvider.System));
        var layout = ParameterLayout.Create([new ParameterInfo("weight", [4])], servers: 1);
        var shard = new ParameterShard(ReferenceDevice.Instance, StoreRig.Momentum with { Momentum = 0 }, new UpdatePolicy(-1, 2), server: 0) { Metrics = metrics };
        shard.Register(layout);

        Assert.Equal((HttpStatusCode.OK, "ok\n"), await GetAsync("/healthz"));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, "the chief (worker 0) has not initialised the parameters yet\n"), await GetAsync("/readyz"));

        Initialize(shard, generation: 1);

        Assert.Equal((HttpStatusCode.OK, "ready\n"), await GetAsync("/readyz"));

        // Training goes back: not ready until the chief has given every value again.
        shard.TryBeginInitialize(3, slice: 0, part: 0, updates: 0, out _);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await GetAsync("/readyz")).Status);
        Assert.Equal(HttpStatusCode.OK, (await GetAsync("/healthz")).Status);
    }

    [Fact]
    public async Task Server_ThatTakesGradients_CountsThem()
    {
        _role.Listen("127.0.0.1:0");
        var metrics = new ServerMetrics(_role, workers: 2, new StragglerWatch(2, TimeProvider.System));
        var shard = new ParameterShard(ReferenceDevice.Instance, StoreRig.Momentum with { Momentum = 0 }, new UpdatePolicy(0, 2), server: 0) { Metrics = metrics };
        shard.Register(ParameterLayout.Create([new ParameterInfo("weight", [4])], servers: 1));
        Initialize(shard, generation: 1);

        Push(shard, worker: 0, step: 0);
        var half = MetricsSample.Parse((await GetAsync("/metrics")).Body);
        Push(shard, worker: 1, step: 0);
        Push(shard, worker: 1, step: 0);
        Push(shard, worker: 0, step: 1);
        var whole = MetricsSample.Parse((await GetAsync("/metrics")).Body);

        Assert.Equal((1, 1, 0), (half["taas_server_pushes_total"], half["taas_server_pending_gradients"], half["taas_server_updates_total"]));
        // The second push of the same gradient is dropped.
        Assert.Equal((3, 1, 1), (whole["taas_server_pushes_total"], whole["taas_server_pending_gradients"], whole["taas_server_updates_total"]));
        Assert.Equal(1, whole["taas_server_update_seconds_count"]);
        Assert.Equal((1, 0), (whole["taas_server_worker_step{worker=\"0\"}"], whole["taas_server_worker_step{worker=\"1\"}"]));
        Assert.Equal((0, 1), (whole["taas_server_worker_lag_steps{worker=\"0\"}"], whole["taas_server_worker_lag_steps{worker=\"1\"}"]));
        Assert.Equal(1, whole["taas_role_info{role=\"ps-0\",version=\"0.1.0\"}"]);
    }

    [Fact]
    public async Task Metrics_OfAnyRole_HoldTheProcessAndSayWhatEachIs()
    {
        _role.Listen("127.0.0.1:0");

        using var answer = await _http.GetAsync(Uri("/metrics"));
        var body = await answer.Content.ReadAsStringAsync();

        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var sample = MetricsSample.Parse(body);
        Assert.All(new[] { "process_cpu_seconds_total", "process_working_set_bytes", "dotnet_total_memory_bytes" }, name => Assert.True(sample[name] > 0, name));
        Assert.NotNull(sample["dotnet_collection_count_total{generation=\"0\"}"]);
        foreach (var line in body.Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var name = line[..line.IndexOfAny(['{', ' '])];
            Assert.Contains($"# TYPE {name} ", body, StringComparison.Ordinal);
            Assert.Contains($"# HELP {name} ", body, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("GET", "/", HttpStatusCode.NotFound)]
    [InlineData("GET", "/metrics/../secret", HttpStatusCode.NotFound)]
    [InlineData("POST", "/metrics", HttpStatusCode.MethodNotAllowed)]
    [InlineData("HEAD", "/healthz", HttpStatusCode.OK)]
    public async Task Request_OfAnotherKind_IsAnsweredInOneLine(string method, string path, HttpStatusCode expected)
    {
        _role.Listen("127.0.0.1:0");

        using var answer = await _http.SendAsync(new HttpRequestMessage(new HttpMethod(method), Uri(path)));

        Assert.Equal(expected, answer.StatusCode);
        Assert.True((await answer.Content.ReadAsStringAsync()).Split('\n').Length <= 2);
    }

    [Theory]
    [InlineData("9090")]
    [InlineData("localhost:")]
    [InlineData("localhost:99999")]
    [InlineData(":9090")]
    [InlineData("not a host:9090")]
    public void Address_WithoutSense_IsRefusedInOneLine(string address)
    {
        var error = Assert.Throws<TrainingException>(() => _role.Listen(address));

        Assert.StartsWith("TAAS_HTTP: ", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void Address_Taken_IsRefusedWithWhatToDo()
    {
        _role.Listen("127.0.0.1:0");
        using var other = new RoleMetrics("ps-1");

        var error = Assert.Throws<TrainingException>(() => other.Listen(_role.Address!));

        Assert.StartsWith($"TAAS_HTTP: cannot listen on {_role.Address}: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("choose another address, or leave the variable out for no endpoint", error.Message, StringComparison.Ordinal);
    }

    private static void Initialize(ParameterShard shard, uint generation)
    {
        Assert.True(shard.TryBeginInitialize(generation, slice: 0, part: 0, updates: 0, out var memory));
        memory.Clear();
        Assert.True(shard.CompleteInitialization(generation, firstStep: 0));
    }

    private static void Push(ParameterShard shard, int worker, long step)
    {
        if (shard.TryBeginPush(shard.Generation, worker, step, slice: 0, out var inbox))
        {
            inbox.Clear();
            shard.CommitPush(shard.Generation, worker, step, slice: 0);
        }
    }

    private Uri Uri(string path) => new($"http://{_role.Address}{path}");

    private async Task<(HttpStatusCode Status, string Body)> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(Uri(path));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }
}
