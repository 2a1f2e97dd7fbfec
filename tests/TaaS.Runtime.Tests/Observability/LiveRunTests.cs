using System.Diagnostics;
using System.Net;
using TaaS.Runtime.Observability;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;
using TaaS.Runtime.Tests.Running;
using TaaS.Runtime.Tests.Summaries;

namespace TaaS.Runtime.Tests.Observability;

/// <summary>A whole job in real processes, looked at while it trains. Lost otherwise: all that a user sees of it.</summary>
[Trait("Category", "process")]
public sealed class LiveRunTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly string _runs = Directory.CreateTempSubdirectory("taas-test-").FullName;
    private readonly HttpClient _http = new();

    public void Dispose()
    {
        _http.Dispose();
        Directory.Delete(_runs, recursive: true);
    }

    [Fact]
    public async Task Train_InProcesses_ShowsEveryRoleAndLeavesItsSummaries()
    {
        using var cancel = new CancellationTokenSource();
        var probe = new ProgressProbe();
        var training = JobRunner.RunAsync(TinyJob.Parse("async", 1, 2, epochs: 10_000), RoleProgram.Options(_runs), probe, cancel.Token);
        await probe.TrainsAsync("worker-0");
        await probe.TrainsAsync("worker-1");
        var folder = RunFolder.Open(Path.Combine(_runs, "tiny"));
        var roles = RoleDirectory.Read(folder.Roles).ToDictionary(entry => entry.Role);

        Assert.Equal(["ps-0", "worker-0", "worker-1"], roles.Keys);
        foreach (var role in roles.Values)
        {
            Assert.Equal(RoleState.Running, role.State);
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(role, "/healthz"));
            Assert.Equal(HttpStatusCode.OK, await StatusAsync(role, "/readyz"));
        }

        var (server, worker) = (await ScrapeAsync(roles["ps-0"]), await ScrapeAsync(roles["worker-1"]));
        Assert.True(server["taas_server_updates_total"] > 0);
        Assert.Equal(2, server["taas_server_connected_workers"]);
        Assert.True(server["taas_server_received_bytes_total"] > server["taas_server_pushes_total"] * 56, "fewer bytes than headers alone");
        Assert.True(server["taas_server_worker_step{worker=\"1\"}"] > 0);
        Assert.True(worker["taas_worker_images_total"] >= 8 * worker["taas_worker_step"] - 8, "images and steps do not fit");
        Assert.True(worker["taas_worker_server_wait_seconds_total"] > 0);
        Assert.True(worker["taas_worker_pushed_bytes_total"] > 0);
        Assert.True(worker["taas_worker_pulled_bytes_total"] > 0);
        Assert.Equal(0, worker["taas_worker_reconnects_total"]);
        await GrowsAsync(roles["worker-1"], "taas_worker_images_total");
        await GrowsAsync(roles["ps-0"], "taas_server_pulls_total");
        await SummariesHoldAsync(folder, "parameters/0.weight");

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => training.WaitAsync(Limit));
        Assert.All(RoleDirectory.Read(folder.Roles), entry => Assert.Equal((RoleState.Done, null), (entry.State, entry.Http)));
        Assert.Contains(File.ReadLines(folder.Log("worker-1")), line => line.Contains("Z info worker-1 step ", StringComparison.Ordinal));
        Assert.Contains(File.ReadLines(folder.Log("ps-0")), line => line.EndsWith("info ps-0: worker 1 is here", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Train_ToTheEnd_LeavesEventsThatAnotherProgramReads()
    {
        var result = await JobRunner.RunAsync(TinyJob.Parse("sync", 1, 2, epochs: 2), RoleProgram.Options(_runs), new ProgressProbe(), CancellationToken.None);

        var folder = RunFolder.Open(result.Folder);
        var events = EventReader.Read(Assert.Single(Directory.GetFiles(folder.TensorBoard)));
        var values = events.Where(at => at.Summary is not null).SelectMany(at => at.Summary.Value.Select(value => (at.Step, Value: value))).ToArray();
        // 4,000 samples for two workers in batches of 8.
        var scored = values.Where(at => at.Value.Tag == "test/accuracy").ToArray();
        Assert.Equal([250, 500], scored.Select(at => at.Step));
        Assert.Equal(result.TestAccuracy, scored[^1].Value.SimpleValue, 1e-6);
        Assert.Equal([250, 500], values.Where(at => at.Value.Tag == "gradients/3.bias").Select(at => at.Step));
        Assert.All(values.Where(at => at.Value.Tag == "parameters/0.weight"), at => Assert.Equal(8 * 16, at.Value.Histo.Num));
        Assert.All(values.Where(at => at.Value.Tag == "train/learning_rate"), at => Assert.Equal(0.05f, at.Value.SimpleValue));
        Assert.Contains(values, at => at.Value.Tag == "train/loss" && at.Value.SimpleValue > 0);
        Assert.Equal(2, values.Count(at => at.Value.Tag == "test/confusion" && at.Value.Image.Width == 4 * 16 + 1));
        var graph = Tensorboard.GraphDef.Parser.ParseFrom(Assert.Single(events, at => at.GraphDef.Length > 0).GraphDef);
        Assert.Contains(graph.Node, node => node.Name == "3/Linear");
    }

    [Fact]
    public async Task Line_ThatBreaks_IsCountedWithItsBytes()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 1), sockets: true);
        using var proxy = new BreakingProxy(rig.Servers[0].Address, breakEvery: 100_000);
        using var role = new RoleMetrics("worker-0");
        role.Listen("127.0.0.1:0");
        var values = StoreRig.Memory();
        var options = StoreRig.Quick with { Reconnect = TimeSpan.FromMinutes(1) };
        using (var store = new SocketParameterStore([proxy.Address], 0, rig.Layout, values, rig.Optimizer, rig.Policy, options, new WorkerMetrics(role, new ProgressProbe())))
        {
            store.Initialize(rig.RandomState(1));
            var step = store.Pull()!.Value;
            var gradients = StoreRig.Memory();
            while (step < 20)
            {
                step = ((IParameterStore)store).Exchange(step, gradients)!.Value;
            }

            store.Leave();
        }

        var sample = await ScrapeAsync(new RoleEntry { Role = "worker-0", State = RoleState.Running, Http = role.Address });
        Assert.True(proxy.Breaks > 0, "the line never broke");
        Assert.True(sample["taas_worker_reconnects_total"] > 0);
        // What went out for nothing counts too.
        var parameters = StoreRig.Model.Sum(parameter => parameter.Shape.Aggregate(1, (product, axis) => product * axis));
        Assert.True(sample["taas_worker_pushed_bytes_total"] >= 20 * parameters * sizeof(float));
        Assert.True(sample["taas_worker_pulled_bytes_total"] >= 20 * parameters * sizeof(float));
        Assert.True(sample["taas_worker_server_wait_seconds_total"] > 0);
    }

    [Fact]
    public async Task Train_InOneProcess_IsShownToo()
    {
        using var cancel = new CancellationTokenSource();
        var probe = new ProgressProbe();
        var training = LocalTrainer.RunAsync(TinyJob.Parse("sync", 1, 1, epochs: 10_000), RoleProgram.Options(_runs), probe, cancel.Token);
        await probe.TrainsAsync("local");
        var folder = RunFolder.Open(Path.Combine(_runs, "tiny"));

        var local = Assert.Single(RoleDirectory.Read(folder.Roles));
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(local, "/readyz"));
        await GrowsAsync(local, "taas_worker_images_total");

        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => training.WaitAsync(Limit));
    }

    private async Task<HttpStatusCode> StatusAsync(RoleEntry role, string path)
    {
        using var answer = await _http.GetAsync(new Uri($"http://{role.Http}{path}"));
        return answer.StatusCode;
    }

    private async Task<MetricsSample> ScrapeAsync(RoleEntry role) => MetricsSample.Parse(await _http.GetStringAsync(new Uri($"http://{role.Http}/metrics")));

    private async Task GrowsAsync(RoleEntry role, string counter)
    {
        var watch = Stopwatch.StartNew();
        var before = (await ScrapeAsync(role))[counter];
        while ((await ScrapeAsync(role))[counter] <= before)
        {
            Assert.True(watch.Elapsed < Limit, $"{counter} of {role.Role} stays at {before}");
            await Task.Delay(20);
        }
    }

    // The file is read while the chief writes it.
    private static async Task SummariesHoldAsync(RunFolder folder, string tag)
    {
        var watch = Stopwatch.StartNew();
        while (!EventReader.ReadWhole(Directory.GetFiles(folder.TensorBoard).Single()).Any(at => at.Summary?.Value.Any(value => value.Tag == tag) == true))
        {
            Assert.True(watch.Elapsed < Limit, $"no {tag} was written");
            await Task.Delay(50);
        }
    }
}
