using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Runtime.Allreduce;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Allreduce;

/// <summary>Workers of a ring in this process, joined by real sockets.</summary>
internal sealed class RingRig : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("taas-ring-").FullName;
    private readonly List<IDisposable> _owned = [];

    public RingRig(int workers, IReadOnlyList<ParameterInfo>? model = null, OptimizerSettings? optimizer = null, bool tcp = false, int chunkElements = 64)
    {
        Model = model ?? StoreRig.Model;
        Optimizer = optimizer ?? StoreRig.Momentum;
        Layout = ParameterLayout.Create(Model, 1, plannedUpdates: 8);
        ChunkElements = chunkElements;
        Addresses = [.. Enumerable.Range(0, workers).Select(worker => tcp ? FreePort() : $"unix:{Path.Combine(_folder, $"worker-{worker}")}")];
    }

    public IReadOnlyList<ParameterInfo> Model { get; }

    public OptimizerSettings Optimizer { get; }

    public ParameterLayout Layout { get; }

    public int ChunkElements { get; }

    public string[] Addresses { get; }

    public int Workers => Addresses.Length;

    public RigWorker Join(int worker, TransportOptions? options = null, OptimizerSettings? optimizer = null, string[]? addresses = null)
    {
        var (values, gradients) = (Memory(), Memory());
        var store = new RingParameterStore(addresses ?? Addresses, worker, Layout, values, optimizer ?? Optimizer, options ?? StoreRig.Quick, ChunkElements);
        _owned.Add(store);
        return new RigWorker(store, values, gradients);
    }

    public RigWorker[] JoinAll(TransportOptions? options = null) => [.. Enumerable.Range(0, Workers).Select(worker => Join(worker, options))];

    /// <summary>Runs every worker on a thread of its own, and hands on what each returns.</summary>
    public static async Task<T[]> RunAsync<T>(RigWorker[] workers, Func<RigWorker, int, T> work) =>
        await Task.WhenAll(workers.Select((at, worker) => Task.Factory.StartNew(() => work(at, worker), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)))
            .WaitAsync(TimeSpan.FromSeconds(60));

    /// <summary>Steps with gradients from a seed for each worker, and the values after them.</summary>
    public static float[][] Train(RigWorker at, int worker, long first, long last, int seed = 0)
    {
        for (var step = first; step < last; step++)
        {
            at.FillGradients(new Random(seed + 1000 * worker + (int)step));
            if (step % 2 == 0)
            {
                at.Exchange(step);
            }
            else
            {
                at.ExchangeInBackward(step);
            }
        }

        return at.Copy();
    }

    public ParameterState RandomState(int seed)
    {
        var random = new Random(seed);
        var state = ParameterState.Allocate(Model, Optimizer.Slots.Count);
        foreach (var parts in state.Parts)
        {
            StoreRig.Fill(parts[0].Floats, random);
        }

        return state;
    }

    public View[] Memory() =>
        [.. Model.Select(parameter => new View(CpuDevice.Instance.Allocate(DType.Float32, parameter.Elements, zeroed: true), new Shape([.. parameter.Shape])))];

    public void Dispose()
    {
        Parallel.ForEach(_owned, owned => owned.Dispose());
        Directory.Delete(_folder, recursive: true);
    }

    private static string FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}");
    }
}
