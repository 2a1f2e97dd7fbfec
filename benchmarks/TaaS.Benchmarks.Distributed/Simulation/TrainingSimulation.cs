using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>
/// A discrete-event simulation of training: workers compute, push slices in the product's order, servers update by the product's rules,
/// fresh slices come back. Processors and lines are shared; what waits, waits in order. The same input gives the same result.
/// </summary>
internal sealed class TrainingSimulation
{
    private readonly ClusterModel _model;
    private readonly TrainingCase _training;
    private readonly EventQueue _events = new();
    private readonly Network _network;
    private readonly SimulatedServer[] _servers;
    private readonly Worker[] _workers;
    private readonly Processors[] _machines;
    private readonly int _steps;

    /// <summary>Prepares a run.</summary>
    /// <param name="model">The cluster.</param>
    /// <param name="training">The training.</param>
    /// <param name="steps">Steps of each worker.</param>
    internal TrainingSimulation(ClusterModel model, TrainingCase training, int steps)
    {
        (_model, _training, _steps) = (model, training, steps);
        _network = new Network(_events, model.LineBytesPerSecond, model.LatencySeconds);
        var (workers, servers) = (training.Policy.Workers, training.Layout.Servers);
        _machines = [.. Enumerable.Range(0, model.IsOneMachine ? 1 : workers + servers).Select(_ => new Processors(_events, model.Processors))];
        _servers = [.. Enumerable.Range(0, servers).Select(server => new SimulatedServer(model, training, server, Machine(server)))];
        _workers = [.. Enumerable.Range(0, workers).Select(worker => new Worker(worker, servers, Machine(servers + worker)))];
    }

    /// <summary>Bytes that crossed the network, both ways.</summary>
    internal long Carried => _network.Carried;

    /// <summary>Processor seconds spent on all machines.</summary>
    internal double Busy => _machines.Sum(machine => machine.Busy);

    /// <summary>Updates of slices on all servers.</summary>
    internal long Updates => _servers.Sum(server => server.Updates);

    /// <summary>Runs to the end.</summary>
    /// <returns>Mean seconds of a step while all workers were at work, without the first fifth.</returns>
    internal double Run()
    {
        foreach (var worker in _workers)
        {
            Begin(worker);
        }

        _events.Run();
        return StepCost.Of([.. _workers.Select(worker => new StepTimes(0, worker.Ends))]);
    }

    private Processors Machine(int role) => _machines[_model.IsOneMachine ? 0 : role];

    private void Begin(Worker worker) => _events.At(_events.Now + _training.ComputeSeconds, () =>
    {
        worker.Open = _training.Layout.Slices.Count;
        for (var index = _training.Layout.Slices.Count - 1; index >= 0; index--)
        {
            Push(worker, _training.Layout.Slices[index]);
        }
    });

    private void Push(Worker worker, ParameterSlice slice)
    {
        var server = _servers[slice.Server];
        var step = worker.Ends.Count;
        var (to, back) = Lines(worker, server, slice.Server);
        Send(slice.Length * sizeof(float), worker.Senders[slice.Server], to, server.Taker(worker.Index), () =>
            server.Push(worker.Index, slice.Index, step, (answerer, isReadable) =>
                Send(slice.Length * sizeof(float), answerer, back, worker.Receivers[slice.Server], () => Take(worker), isReadable)));
    }

    private void Take(Worker worker)
    {
        if (--worker.Open > 0)
        {
            return;
        }

        worker.Ends.Add(_events.Now);
        if (worker.Ends.Count < _steps)
        {
            Begin(worker);
            return;
        }

        foreach (var server in _servers)
        {
            server.Leave(worker.Index);
        }
    }

    // On one machine each connection has its own lines; between machines all connections of a role share the machine's.
    private ((Line From, Line To) Push, (Line From, Line To) Pull) Lines(Worker worker, SimulatedServer server, int index) => _model.IsOneMachine
        ? (worker.Pushes[index], worker.Pulls[index])
        : ((worker.Lines.Out, server.Lines.In), (server.Lines.Out, worker.Lines.In));

    private void Send(int bytes, SimulatedThread sender, (Line From, Line To) line, SimulatedThread receiver, Action whole, Func<bool>? isReady = null)
    {
        for (var left = bytes; left > 0; left -= _model.PieceBytes)
        {
            var piece = Math.Min(left, _model.PieceBytes);
            var isFirst = left == bytes;
            var isLast = left == piece;
            double Work() => piece * _model.ByteSeconds + (isFirst ? _model.MessageSeconds : 0);
            sender.Add(Work, () => _network.Carry(piece, line.From, line.To, () => receiver.Add(Work, isLast ? whole : Nothing)), isFirst ? isReady : null);
        }
    }

    private static void Nothing()
    {
    }

    private sealed class Worker(int index, int servers, Processors processors)
    {
        internal int Index { get; } = index;

        internal SimulatedThread[] Senders { get; } = [.. Enumerable.Range(0, servers).Select(_ => new SimulatedThread(processors))];

        internal SimulatedThread[] Receivers { get; } = [.. Enumerable.Range(0, servers).Select(_ => new SimulatedThread(processors))];

        internal (Line In, Line Out) Lines { get; } = (new Line(), new Line());

        internal (Line From, Line To)[] Pushes { get; } = [.. Enumerable.Range(0, servers).Select(_ => (new Line(), new Line()))];

        internal (Line From, Line To)[] Pulls { get; } = [.. Enumerable.Range(0, servers).Select(_ => (new Line(), new Line()))];

        internal List<double> Ends { get; } = [];

        internal int Open { get; set; }
    }
}
