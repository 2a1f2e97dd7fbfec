using TaaS.Runtime.ParameterServer;

namespace TaaS.Benchmarks.Distributed.Simulation;

/// <summary>A parameter server: for each worker a thread that takes gradients and one that answers in the same order.</summary>
internal sealed class SimulatedServer
{
    private readonly ClusterModel _model;
    private readonly UpdatePolicy _policy;
    private readonly SimulatedThread[] _takers;
    private readonly SimulatedThread[] _answerers;
    private readonly Dictionary<int, SimulatedSlice> _slices;
    private readonly bool[] _gone;

    internal SimulatedServer(ClusterModel model, TrainingCase training, int server, Processors processors)
    {
        (_model, _policy) = (model, training.Policy);
        _takers = Threads();
        _answerers = Threads();
        _gone = new bool[training.Policy.Workers];
        _slices = training.Layout.Slices
            .Where(slice => slice.Server == server)
            .ToDictionary(slice => slice.Index, slice => new SimulatedSlice(slice.Length * sizeof(float), training.Policy.Workers));

        SimulatedThread[] Threads() => [.. Enumerable.Range(0, training.Policy.Workers).Select(_ => new SimulatedThread(processors))];
    }

    /// <summary>Incoming and outgoing line.</summary>
    internal (Line In, Line Out) Lines { get; } = (new Line(), new Line());

    /// <summary>Updates made, of all slices together.</summary>
    internal long Updates { get; private set; }

    /// <summary>A worker's thread that takes what comes.</summary>
    internal SimulatedThread Taker(int worker) => _takers[worker];

    /// <summary>A gradient is whole: it is applied as the policy says, and the worker's answer gets in line.</summary>
    /// <param name="worker">Who pushed.</param>
    /// <param name="slice">What.</param>
    /// <param name="step">Its step.</param>
    /// <param name="answer">Puts the answer in line on a thread; the first piece waits until it may be read.</param>
    internal void Push(int worker, int slice, long step, Action<SimulatedThread, Func<bool>> answer)
    {
        var state = _slices[slice];
        var updates = false;
        _takers[worker].Add(
            () =>
            {
                // Sync: whoever brings the last gradient adds all up, scales and updates. Otherwise each updates by itself.
                updates = !_policy.IsSync || ++state.Arrived == _policy.Workers;
                var passes = _policy is { IsSync: true, Workers: > 1 } ? _policy.Workers + 1 : 1;
                return updates ? passes * _model.UpdateByteSeconds * state.Bytes : 0;
            },
            () =>
            {
                state.LastPush[worker] = step;
                if (updates)
                {
                    (state.Arrived, state.Step) = (0, step + 1);
                    Updates++;
                }

                answer(_answerers[worker], () => IsReadable(state, step));
                if (updates && _policy.Staleness >= 0)
                {
                    WakeAll();
                }
            });
    }

    /// <summary>Nobody waits for this worker any more.</summary>
    internal void Leave(int worker)
    {
        _gone[worker] = true;
        WakeAll();
    }

    private bool IsReadable(SimulatedSlice state, long step)
    {
        if (_policy.IsSync)
        {
            return state.Step > step;
        }

        for (var worker = 0; _policy.Staleness > 0 && worker < _gone.Length; worker++)
        {
            if (!_gone[worker] && state.LastPush[worker] < step - _policy.Staleness)
            {
                return false;
            }
        }

        return true;
    }

    private void WakeAll()
    {
        foreach (var answerer in _answerers)
        {
            answerer.Wake();
        }
    }

    private sealed class SimulatedSlice
    {
        internal SimulatedSlice(int bytes, int workers)
        {
            Bytes = bytes;
            LastPush = new long[workers];
            Array.Fill(LastPush, -1);
        }

        internal int Bytes { get; }

        internal long[] LastPush { get; }

        internal int Arrived { get; set; }

        internal long Step { get; set; }
    }
}
