using System.Collections.Concurrent;
using TaaS.Kernels;
using TaaS.Kernels.Reference;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.ParameterServer;

/// <summary>Servers and workers in this process, joined directly or by real sockets.</summary>
internal sealed class StoreRig : IDisposable
{
    public static readonly ParameterInfo[] Model = [new("0.weight", [40, 50]), new("0.bias", [50]), new("3.weight", [7, 300]), new("3.bias", [7])];

    public static readonly OptimizerSettings Momentum = new() { Name = "sgd", LearningRate = 0.1f, Momentum = 0.9f };

    public static readonly TransportOptions Quick = new()
    {
        Secret = "test",
        Silence = TimeSpan.FromSeconds(4),
        Heartbeat = TimeSpan.FromMilliseconds(200),
        Connect = TimeSpan.FromSeconds(10),
        Reconnect = TimeSpan.FromMilliseconds(500),
        Barrier = TimeSpan.FromSeconds(20),
    };

    private readonly List<IDisposable> _owned = [];

    public StoreRig(int servers, UpdatePolicy policy, bool sockets, OptimizerSettings? optimizer = null, TransportOptions? options = null)
    {
        Options = options ?? Quick;
        Optimizer = optimizer ?? Momentum;
        Policy = policy;
        IsSockets = sockets;
        Layout = ParameterLayout.Create(Model, servers, maxSliceElements: 512, plannedUpdates: 8);
        Shards = [.. Enumerable.Range(0, servers).Select(server => new ParameterShard(ReferenceDevice.Instance, Optimizer, policy, server))];
        Servers = sockets ? [.. Shards.Select(shard => new SocketParameterServer("127.0.0.1:0", shard, Options, Log.Add))] : [];
    }

    /// <summary>Limits of the servers, and of workers that bring none of their own.</summary>
    public TransportOptions Options { get; }

    /// <summary>What the servers said.</summary>
    public BlockingCollection<string> Log { get; } = [];

    public OptimizerSettings Optimizer { get; }

    public UpdatePolicy Policy { get; }

    public bool IsSockets { get; }

    public ParameterLayout Layout { get; }

    public ParameterShard[] Shards { get; }

    public SocketParameterServer[] Servers { get; }

    public RigWorker Join(int worker, TransportOptions? options = null)
    {
        var values = Memory();
        var gradients = Memory();
        IParameterStore store = IsSockets
            ? new SocketParameterStore([.. Servers.Select(server => server.Address)], worker, Layout, values, Optimizer, Policy, options ?? Options)
            : new InProcessParameterStore(Shards, worker, Layout, values, Quick.Barrier);
        _owned.Add(store);
        return new RigWorker(store, values, gradients);
    }

    /// <summary>A state of repeatable random values.</summary>
    public ParameterState RandomState(int seed)
    {
        var random = new Random(seed);
        var state = ParameterState.Allocate(Model, Optimizer.Slots.Count);
        foreach (var parts in state.Parts)
        {
            Fill(parts[0].Floats, random);
        }

        return state;
    }

    public static void Fill(Span<float> floats, Random random)
    {
        for (var index = 0; index < floats.Length; index++)
        {
            floats[index] = random.NextSingle() - 0.5f;
        }
    }

    public static View[] Memory() =>
        [.. Model.Select(parameter => new View(ReferenceDevice.Instance.Allocate(DType.Float32, parameter.Elements, zeroed: true), new Shape([.. parameter.Shape])))];

    public void Dispose()
    {
        foreach (var owned in _owned)
        {
            owned.Dispose();
        }

        foreach (var server in Servers)
        {
            server.Dispose();
        }
    }
}

/// <summary>A worker of the rig and its memory.</summary>
internal sealed record RigWorker(IParameterStore Store, View[] Values, View[] Gradients)
{
    public void FillGradients(Random random)
    {
        foreach (var gradient in Gradients)
        {
            StoreRig.Fill(gradient.Floats, random);
        }
    }

    public void Exchange(long step) => Store.Exchange(step, Gradients);

    /// <summary>Pushes one parameter after another, last layer first, as a backward pass does, and leaves the first to <see cref="IParameterStore.Complete"/>.</summary>
    public void ExchangeInBackward(long step)
    {
        Store.Begin(step, Gradients);
        for (var parameter = Gradients.Length - 1; parameter > 0; parameter--)
        {
            Store.Push(parameter);
            Thread.Yield();
        }

        Store.Complete();
    }

    /// <summary>Takes the parameters, which worker 0 gives, and makes steps; every other pushes during its backward pass.</summary>
    public void Train(int worker, ParameterState start, int steps)
    {
        if (worker == 0)
        {
            Store.Initialize(start);
        }

        Store.Pull();
        var random = new Random(worker);
        for (var step = 0; step < steps; step++)
        {
            FillGradients(random);
            if (step % 2 == 0)
            {
                Exchange(step);
            }
            else
            {
                ExchangeInBackward(step);
            }
        }
    }

    public float[][] Copy() => [.. Values.Select(value => value.Floats.ToArray())];
}
