using TaaS.Kernels;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime.Tests.Simulation;

/// <summary>A worker's process: the product's course of training and its store, with made-up gradients. A kill takes all memory with it.</summary>
internal sealed class SimulatedWorker : ICourseWork, IDisposable
{
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedThread _thread;
    private readonly View[] _values;
    private readonly View[] _gradients;
    private readonly CancellationTokenSource _stop = new();
    private string _waitsFor = "its start";

    public SimulatedWorker(SimulatedCluster cluster, int index)
    {
        (_cluster, Index) = (cluster, index);
        (_values, _gradients) = (SimulatedCluster.Memory(), SimulatedCluster.Memory());
        _thread = new SimulatedThread(Train);
        cluster.Clock.After(cluster.Network.Delay(), Resume);
    }

    public int Index { get; }

    public bool IsAlive { get; private set; } = true;

    public bool IsDone => IsAlive && _thread.IsEnded;

    public override string ToString() => $"worker {Index} waits for {_waitsFor}";

    public void WaitUntil(Func<bool> until, string what)
    {
        _waitsFor = what;
        _thread.WaitUntil(until);
    }

    /// <summary>Something happened that it may wait for.</summary>
    public void Poke()
    {
        if (IsAlive && !_thread.IsEnded && _thread.Until?.Invoke() == true)
        {
            Resume();
        }
    }

    /// <summary>Kills the process.</summary>
    public void Dispose()
    {
        if (IsAlive)
        {
            IsAlive = false;
            _thread.Dispose();
            _stop.Dispose();
        }
    }

    /// <summary>Told to leave before the end.</summary>
    public void Stop()
    {
        if (IsAlive)
        {
            _stop.Cancel();
        }
    }

    ParameterState ICourseWork.LastState() => _cluster.Disk ?? _cluster.Start;

    void ICourseWork.Save(ParameterState state)
    {
        // Killed while it writes, the old one stays.
        Sleep("its disk");
        _cluster.Save(state);
    }

    long? ICourseWork.Step(IParameterStore store, long step)
    {
        Sleep("its kernels");
        for (var parameter = 0; parameter < _gradients.Length; parameter++)
        {
            _cluster.Gradient(Index, step, parameter, _values[parameter].Floats, _gradients[parameter].Floats);
        }

        store.Begin(step, _gradients);
        for (var parameter = _gradients.Length - 1; parameter > 0; parameter--)
        {
            store.Push(parameter);
            Sleep("its kernels");
        }

        return store.Complete();
    }

    void ICourseWork.EndEpoch(long step)
    {
    }

    void ICourseWork.Score(long step) => Sleep("its score");

    private void Train()
    {
        using var store = new SocketParameterStore(rounds => [.. _cluster.Servers.Select(server => new SimulatedLink(_cluster, server, this, rounds))], Index, _cluster.Layout, _values, _cluster.Optimizer, _cluster.Policy);
        new TrainingCourse(store, this, Index == 0, SimulatedCluster.StepsPerEpoch, SimulatedCluster.Epochs, SimulatedCluster.CheckpointSteps).Run(_stop.Token);
    }

    private void Sleep(string what)
    {
        var isOver = false;
        _cluster.Clock.After(_cluster.ComputeTime(Index), () =>
        {
            isOver = true;
            Poke();
        });
        WaitUntil(() => isOver, what);
    }

    private void Resume()
    {
        if (IsAlive && !_thread.IsEnded)
        {
            _thread.Resume();
        }
    }
}
