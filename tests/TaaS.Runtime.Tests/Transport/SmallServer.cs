using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using System.Text;
using TaaS.Kernels;
using TaaS.Kernels.Reference;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>A live server of a tiny model with an honest worker 0 that trains; attackers come as worker 1 or as nobody.</summary>
internal sealed class SmallServer : IDisposable
{
    public const string Secret = "the secret of this test";
    public const ulong Incarnation = 42;

    public static readonly ParameterInfo[] Model = [new("hidden.weight", [2, 2]), new("hidden.bias", [2])];

    public static readonly OptimizerSettings Optimizer = new() { Name = "sgd", LearningRate = 0.1f, Momentum = 0.9f };

    public static readonly UpdatePolicy Policy = new(-1, 2);

    public static readonly TransportOptions Options = new()
    {
        Secret = Secret,
        Handshake = TimeSpan.FromSeconds(1),
        Heartbeat = TimeSpan.FromMilliseconds(20),
        Silence = TimeSpan.FromSeconds(8),
        Connect = TimeSpan.FromSeconds(10),
        Reconnect = TimeSpan.FromMinutes(5),
    };

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    private readonly SocketParameterServer _server;
    private readonly SocketParameterStore _honest;
    private readonly View[] _gradients = Memory();
    private long _step;

    public SmallServer()
    {
        Shard = new ParameterShard(ReferenceDevice.Instance, Optimizer, Policy, 0);
        _server = new SocketParameterServer("127.0.0.1:0", Shard, Options, Log.Add);
        _honest = Join(0, Memory());
        Begin();
        Assert.Equal("worker 0 is here", NextLine());
    }

    public ParameterShard Shard { get; }

    public string Address => _server.Address;

    /// <summary>What the server said.</summary>
    public BlockingCollection<string> Log { get; } = [];

    public static ParameterLayout Layout { get; } = ParameterLayout.Create(Model, 1, plannedUpdates: 1000);

    public static string Signature { get; } = SocketParameterServer.Signature(0, Policy, Optimizer);

    public static View[] Memory() =>
        [.. Model.Select(parameter => new View(ReferenceDevice.Instance.Allocate(DType.Float32, parameter.Elements, zeroed: true), new Shape([.. parameter.Shape])))];

    public SocketParameterStore Join(int worker, View[] values) => new([Address], worker, Layout, values, Optimizer, Policy, Options);

    /// <summary>The next line of the server.</summary>
    public string NextLine() => Log.TryTake(out var line, Limit) ? line : "nothing was said";

    /// <summary>The honest worker makes a step, as if nothing had happened. If training was taken back, it begins anew, as a chief does.</summary>
    public void Train()
    {
        foreach (var gradient in _gradients)
        {
            gradient.Floats.Fill(0.01f);
        }

        var before = Shard.UpdatesOf(0);
        if (((IParameterStore)_honest).Exchange(_step, _gradients) is { } next)
        {
            _step = next;
            Assert.True(Shard.UpdatesOf(0) > before);
        }
        else
        {
            Begin();
            Train();
        }
    }

    public RawPeer Connect() => RawPeer.Connect(Address);

    /// <summary>An attacker that knows the secret.</summary>
    public RawPeer ConnectAsWorker()
    {
        var peer = Connect();
        peer.Greet(Secret, 1, Incarnation, Signature);
        Assert.Equal("worker 1 is here", NextLine());
        return peer;
    }

    /// <summary>Frames of a worker that does everything right.</summary>
    public List<byte[]> Conversation()
    {
        var step = Shard.NextStep(1, 0);
        return
        [
            RawPeer.Frame(RawPeer.Register, Layout.ToJson(), request: 1, worker: 1),
            RawPeer.Frame(RawPeer.Pull, request: 2, worker: 1, slice: 0),
            RawPeer.Frame(RawPeer.Push, Gradient(4), request: 3, generation: Shard.Generation, step: step, worker: 1, slice: 0),
            RawPeer.Frame(RawPeer.Push, Gradient(2), request: 4, generation: Shard.Generation, step: step, worker: 1, slice: 1),
            RawPeer.Frame(RawPeer.Heartbeat, worker: 1),
            RawPeer.Frame(RawPeer.Push, Gradient(4), request: 5, generation: Shard.Generation, step: step + 1, worker: 1, slice: 0),
        ];
    }

    public void Dispose()
    {
        _honest.Dispose();
        _server.Dispose();
    }

    public static byte[] Gradient(int elements) => MemoryMarshal.AsBytes(Enumerable.Repeat(0.001f, elements).ToArray().AsSpan()).ToArray();

    /// <summary>Everything of the job that a stranger must never see.</summary>
    public static IEnumerable<byte[]> Secrets() =>
        new[] { Secret, Signature, "hidden", "sgd" }.Select(Encoding.UTF8.GetBytes);

    private void Begin()
    {
        long? step = null;
        while (step is null)
        {
            step = _honest.Initialize(ParameterState.Allocate(Model, Optimizer.Slots.Count)) ? _honest.Pull() : null;
        }

        _step = step.Value;
    }
}
