using System.Net;
using System.Net.Sockets;
using TaaS.Runtime.Compression;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.ParameterServer;

/// <summary>What happens when a role dies or lies. Lost otherwise: an evening of waiting for a job that hangs.</summary>
public sealed class FaultTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [Fact]
    public async Task Sync_WorkerDies_EveryoneEndsWithItsName()
    {
        using var rig = new StoreRig(2, new UpdatePolicy(0, 2), sockets: true);
        var servers = rig.Servers.Select(server => Task.Run(() => server.Run(CancellationToken.None))).ToArray();
        var (alive, dying) = (rig.Join(0), rig.Join(1));
        alive.Store.Initialize(rig.RandomState(1));
        alive.Store.Pull();
        dying.Store.Pull();
        var waiting = Task.Run(() => alive.Exchange(0));

        dying.Store.Dispose();

        var error = await Assert.ThrowsAsync<TrainingException>(() => waiting.WaitAsync(Limit));
        Assert.Contains("worker 1 was lost", error.Message, StringComparison.Ordinal);
        foreach (var server in servers)
        {
            var served = await Assert.ThrowsAsync<TrainingException>(() => server.WaitAsync(Limit));
            Assert.Contains("worker 1", served.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Async_WorkerDies_TheOthersGoOnToTheEnd()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(-1, 2), sockets: true);
        var server = Task.Run(() => rig.Servers[0].Run(CancellationToken.None));
        var (alive, dying) = (rig.Join(0), rig.Join(1));
        alive.Store.Initialize(rig.RandomState(1));
        alive.Store.Pull();
        dying.Store.Pull();
        dying.Store.Dispose();

        for (var step = 0; step < 10; step++)
        {
            alive.Exchange(step);
        }

        alive.Store.Leave();
        alive.Store.Dispose();
        await server.WaitAsync(Limit);
        Assert.Equal([1], rig.Shards[0].LostWorkers);
    }

    [Fact]
    public async Task AnyMode_ChiefDies_TrainingEnds()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(-1, 2), sockets: true);
        var server = Task.Run(() => rig.Servers[0].Run(CancellationToken.None));
        var (chief, other) = (rig.Join(0), rig.Join(1));
        chief.Store.Initialize(rig.RandomState(1));
        other.Store.Pull();

        chief.Store.Dispose();

        var error = await Assert.ThrowsAsync<TrainingException>(() => server.WaitAsync(Limit));
        Assert.Contains("the chief, was lost", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Server_Dies_WorkerSaysWhichWithinTheLimit()
    {
        using var rig = new StoreRig(2, new UpdatePolicy(-1, 1), sockets: true);
        var at = rig.Join(0);
        at.Store.Initialize(rig.RandomState(1));
        at.Store.Pull();

        rig.Servers[1].Dispose();

        var error = Assert.Throws<TrainingException>(() => at.Exchange(0));
        Assert.Contains("ps-1", error.Message, StringComparison.Ordinal);
        Assert.Contains("could not be reached again within 0.5 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sync_ConnectionBreaksNowAndThen_SameBitsAsWithout()
    {
        const int steps = 30;
        var expected = await TrainThroughAsync(steps, breakEvery: int.MaxValue);
        var broken = await TrainThroughAsync(steps, breakEvery: 200_000);

        Assert.True(broken.Breaks > 3, $"only {broken.Breaks} connections broke; the test shows nothing");
        Assert.Equal(expected.Values, broken.Values);
    }

    [Fact]
    public void Secret_Wrong_IsRefusedAndSaysSo()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 1), sockets: true);
        var at = rig.Join(0, StoreRig.Quick with { Secret = "guess" });

        var error = Assert.Throws<TrainingException>(() => at.Store.Pull());

        Assert.Contains("secret", error.Message, StringComparison.Ordinal);
        Assert.False(rig.Shards[0].IsInitialized);
    }

    [Fact]
    public void Job_Different_IsRefusedWithBothSides()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 1), sockets: true);
        var values = StoreRig.Memory();
        using var store = new SocketParameterStore([rig.Servers[0].Address], 0, rig.Layout, values, rig.Optimizer with { LearningRate = 9 }, rig.Policy, StoreRig.Quick);

        var error = Assert.Throws<TrainingException>(() => store.Pull());

        Assert.Contains("rate 0.1 ", error.Message, StringComparison.Ordinal);
        Assert.Contains("rate 9 ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Compression_Different_IsRefusedWithBothSides()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 1) { Compression = new GradientCompression(CompressionKind.TopK, 0.25) }, sockets: true);
        var values = StoreRig.Memory();
        using var store = new SocketParameterStore([rig.Servers[0].Address], 0, rig.Layout, values, rig.Optimizer, rig.Policy with { Compression = GradientCompression.None }, StoreRig.Quick);

        var error = Assert.Throws<TrainingException>(() => store.Pull());

        Assert.Contains("the server runs 'ps 0; sync, 1 workers, topk 0.25; ", error.Message, StringComparison.Ordinal);
        Assert.Contains("worker 0 runs 'ps 0; sync, 1 workers; ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Model_Different_IsRefused()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 2), sockets: true);
        var first = rig.Join(0);
        first.Store.Initialize(rig.RandomState(1));
        var values = StoreRig.Memory();
        var layout = ParameterLayout.Create([new ParameterInfo("other", [40, 50])], 1);
        using var store = new SocketParameterStore([rig.Servers[0].Address], 1, layout, values, rig.Optimizer, rig.Policy, StoreRig.Quick);

        var error = Assert.Throws<TrainingException>(() => store.Pull());

        Assert.Contains("another model", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Port_InUse_NamesTheAddress()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 1), sockets: true);

        var error = Assert.Throws<TransportException>(() => new SocketParameterServer(rig.Servers[0].Address, rig.Shards[0], StoreRig.Quick));

        Assert.Contains($"cannot listen on {rig.Servers[0].Address}: it is in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Server_NotThere_NamesTheAddressAndTheLimit()
    {
        var values = StoreRig.Memory();
        var policy = new UpdatePolicy(0, 1);
        var layout = ParameterLayout.Create(StoreRig.Model, 1);
        using var store = new SocketParameterStore(["127.0.0.1:1"], 0, layout, values, StoreRig.Momentum, policy, StoreRig.Quick with { Connect = TimeSpan.FromMilliseconds(300) });

        var error = Assert.Throws<TrainingException>(() => store.Pull());

        Assert.Contains("ps-0 (127.0.0.1:1) could not be reached within 0.3 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SilentPeer_StoppedNotClosed_IsNoticed()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var accept = listener.AcceptSocketAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(listener.LocalEndpoint);
        using var other = await accept;
        using var connection = new FrameConnection(socket, "ps-0", TimeSpan.FromMilliseconds(300));

        var error = Assert.Throws<TransportException>(() => connection.ReceiveHeader("fresh parameters", 100));

        Assert.Equal("ps-0 was silent for 0.3 s while waiting for fresh parameters; it is stopped or unreachable", error.Message);
    }

    private static async Task<(float[][] Values, int Breaks)> TrainThroughAsync(int steps, int breakEvery)
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 2), sockets: true);
        using var proxy = new BreakingProxy(rig.Servers[0].Address, breakEvery);
        var values = await Task.WhenAll(Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            var (memory, gradients) = (StoreRig.Memory(), StoreRig.Memory());
            using var store = new SocketParameterStore([proxy.Address], worker, rig.Layout, memory, rig.Optimizer, rig.Policy, StoreRig.Quick with { Reconnect = TimeSpan.FromMinutes(1) });
            var at = new RigWorker(store, memory, gradients);
            at.Train(worker, rig.RandomState(3), steps);
            return at.Copy();
        })));
        Assert.Equal(values[0], values[1]);
        return (values[0], proxy.Breaks);
    }
}
