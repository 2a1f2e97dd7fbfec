using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Reference;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Simulation;

/// <summary>
/// Servers and workers of one job on a driven clock: the product's state machines and the product's course of training, over a network that
/// delays, reorders, drops and duplicates, in processes that are killed and started again. Everything follows from the seed.
/// </summary>
internal sealed class SimulatedCluster
{
    public const int StepsPerEpoch = 4;
    public const int Epochs = 2;
    public const int CheckpointSteps = 3;
    public const int TotalSteps = StepsPerEpoch * Epochs;

    // Simulated milliseconds: whatever happens, a run of eight steps takes no longer.
    private const double LongestRun = 60_000;

    private static readonly ParameterInfo[] Model = [new("a", [5]), new("b", [3, 3]), new("c", [2])];

    private readonly Random _random;
    private readonly SimulatedWorker?[] _workers;
    private readonly double[] _computeTimes;
    private readonly Dictionary<(int Slice, int Worker), long> _pushed = [];
    private uint _generation;

    public SimulatedCluster(int seed, UpdatePolicy policy, int kills, OptimizerSettings optimizer)
    {
        _random = new Random(seed);
        (Policy, Optimizer) = (policy, optimizer);
        Network = new SimulatedNetwork(_random);
        Layout = ParameterLayout.Create(Model, _random.Next(1, 4), maxSliceElements: 4, plannedUpdates: TotalSteps);
        Start = ParameterState.Allocate(Model, optimizer.Slots.Count);
        foreach (var parts in Start.Parts)
        {
            foreach (ref var value in parts[0].Floats)
            {
                value = _random.Next(-8, 8);
            }
        }

        Servers = [.. Enumerable.Range(0, Layout.Servers).Select(server => new SimulatedServer(this, server))];
        _computeTimes = [.. Enumerable.Range(0, policy.MaxWorkers).Select(_ => _random.Next(5) == 0 ? 40.0 : 2)];
        _workers = new SimulatedWorker?[policy.MaxWorkers];
        for (var worker = 0; worker < policy.Workers; worker++)
        {
            _workers[worker] = new SimulatedWorker(this, worker);
        }

        for (var kill = 0; kill < kills; kill++)
        {
            Clock.After(_random.NextDouble() * 400, KillSomeone);
        }
    }

    public SimulatedClock Clock { get; } = new();

    public SimulatedNetwork Network { get; }

    public UpdatePolicy Policy { get; }

    public OptimizerSettings Optimizer { get; }

    public ParameterLayout Layout { get; }

    public SimulatedServer[] Servers { get; }

    /// <summary>Parameters that the first chief gives.</summary>
    public ParameterState Start { get; }

    /// <summary>The checkpoint.</summary>
    public ParameterState? Disk { get; private set; }

    /// <summary>Every checkpoint that was ever saved.</summary>
    public List<ParameterState> Saved { get; } = [];

    /// <summary>Where training began the last time it went back, or at all.</summary>
    public ParameterState LastBeginning { get; private set; } = null!;

    public int Kills { get; private set; }

    public int Generations { get; private set; }

    private SimulatedWorker Chief => _workers[0]!;

    public static View[] Memory() =>
        [.. Model.Select(parameter => new View(ReferenceDevice.Instance.Allocate(DType.Float32, parameter.Elements, zeroed: true), new Shape([.. parameter.Shape])))];

    /// <summary>Runs until the chief has finished.</summary>
    public void Run()
    {
        while (!Chief.IsDone)
        {
            var isGoingOn = Clock.Step();
            Assert.True(isGoingOn && Clock.Now < LongestRun, $"hangs after {Clock.Now:F0} ms and {Kills} kills: {string.Join("; ", _workers.Where(worker => worker is { IsDone: false }))}");
        }

        foreach (var worker in _workers)
        {
            worker?.Dispose();
        }
    }

    /// <summary>A worker that was not there at the beginning joins, and perhaps leaves again before the end.</summary>
    public void JoinLater(int worker)
    {
        Clock.After(_random.NextDouble() * 100, () => _workers[worker] = new SimulatedWorker(this, worker));
        if (_random.Next(2) == 0)
        {
            Clock.After(100 + _random.NextDouble() * 100, () => _workers[worker]!.Stop());
        }
    }

    public double ComputeTime(int worker) => _computeTimes[worker] * _random.NextDouble();

    /// <summary>Gradients of whole numbers that tell worker, step and element apart; in sync they follow from the parameters, too.</summary>
    public void Gradient(int worker, long step, int parameter, ReadOnlySpan<float> values, Span<float> gradient)
    {
        for (var index = 0; index < gradient.Length; index++)
        {
            gradient[index] = (int)((step * 31 + worker * 7 + parameter * 3 + index) % 17) - 8 + (Policy.IsSync ? 0.25f * values[index] : 0);
        }
    }

    public void Save(ParameterState state)
    {
        Disk = state;
        Saved.Add(state);
    }

    /// <summary>Watches frames that servers take, for what the modes promise.</summary>
    public void Observe(FrameHeader header)
    {
        if (header.Type == MessageType.InitializeDone && header.Generation != _generation)
        {
            (_generation, LastBeginning) = (header.Generation, Disk ?? Start);
            Generations++;
            _pushed.Clear();
        }
        else if (header.Type == MessageType.Push && header.Generation == _generation)
        {
            var slowest = Enumerable.Range(0, Policy.Workers).Min(worker => _pushed.GetValueOrDefault((header.Slice, worker), LastBeginning.Step - 1));
            Assert.True(Policy.Staleness <= 0 || slowest >= header.Step - 1 - Policy.Staleness, $"worker {header.Worker} makes step {header.Step} while the slowest has pushed step {slowest}");
            _pushed[(header.Slice, header.Worker)] = Math.Max(header.Step, _pushed.GetValueOrDefault((header.Slice, header.Worker), -1));
        }
    }

    /// <summary>Values and slots, one buffer after another.</summary>
    public static float[] Flatten(ParameterState state) => [.. state.Parts.SelectMany(parts => parts.SelectMany(part => part.Floats.ToArray()))];

    private void KillSomeone()
    {
        if (Chief.IsDone)
        {
            return;
        }

        var victim = _random.Next(_workers.Length + Servers.Length);
        var back = 1 + _random.NextDouble() * 100;
        if (victim < Servers.Length)
        {
            if (Servers[victim].IsUp)
            {
                Kills++;
                Servers[victim].Kill();
                Clock.After(back, Servers[victim].Restart);
            }
        }
        else if (_workers[victim - Servers.Length] is { IsDone: false, IsAlive: true } worker)
        {
            Kills++;
            worker.Dispose();
            Clock.After(back, () => _workers[worker.Index] = new SimulatedWorker(this, worker.Index));
        }
    }
}
