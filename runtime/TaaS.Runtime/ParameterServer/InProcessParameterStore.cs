using System.Runtime.InteropServices;
using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <summary>Servers in the worker's own process: no transport. For tests, and the yardstick of what the transport costs.</summary>
public sealed class InProcessParameterStore : IParameterStore
{
    private readonly IReadOnlyList<ParameterShard> _shards;
    private readonly int _worker;
    private readonly IReadOnlyList<View> _values;
    private readonly TimeSpan _limit;
    private readonly bool[] _isPushed;
    private IReadOnlyList<View> _gradients = [];
    private long _step;

    /// <summary>Joins a worker to its servers.</summary>
    /// <param name="shards">One for each server of the layout.</param>
    /// <param name="worker">Index of the worker.</param>
    /// <param name="layout">The model's parameters.</param>
    /// <param name="values">Parameter memory, contiguous, on the host, in the layout's order.</param>
    /// <param name="limit">Longest wait for other workers.</param>
    public InProcessParameterStore(IReadOnlyList<ParameterShard> shards, int worker, ParameterLayout layout, IReadOnlyList<View> values, TimeSpan limit)
    {
        (_shards, _worker, Layout, _values, _limit) = (shards, worker, layout, values, limit);
        _isPushed = new bool[values.Count];
        foreach (var shard in shards)
        {
            shard.Register(layout);
        }
    }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public void Initialize(ParameterState state)
    {
        foreach (var slice in Layout.Slices)
        {
            for (var part = 0; part < state.Parts[slice.Parameter].Length; part++)
            {
                SliceBytes(state.Parts[slice.Parameter][part], slice).CopyTo(_shards[slice.Server].BeginInitialize(slice.Index, part, state.Updates));
            }
        }

        foreach (var shard in _shards)
        {
            shard.CompleteInitialization(state.Step);
        }
    }

    /// <inheritdoc/>
    public long Pull()
    {
        foreach (var slice in Layout.Slices)
        {
            Receive(slice, -1);
        }

        return _shards[0].FirstStep;
    }

    /// <inheritdoc/>
    public void Begin(long step, IReadOnlyList<View> gradients)
    {
        (_step, _gradients) = (step, gradients);
        Array.Clear(_isPushed);
    }

    /// <inheritdoc/>
    public void Push(int parameter)
    {
        _isPushed[parameter] = true;
        foreach (var slice in Layout.Slices)
        {
            if (slice.Parameter == parameter && _shards[slice.Server].TryBeginPush(_worker, _step, slice.Index, out var inbox))
            {
                SliceBytes(_gradients, slice).CopyTo(inbox);
                _shards[slice.Server].CommitPush(_worker, _step, slice.Index);
            }
        }
    }

    /// <inheritdoc/>
    public void Complete()
    {
        for (var parameter = 0; parameter < _isPushed.Length; parameter++)
        {
            if (!_isPushed[parameter])
            {
                Push(parameter);
            }
        }

        foreach (var slice in Layout.Slices)
        {
            Receive(slice, _step);
        }
    }

    /// <inheritdoc/>
    public void PullFinal()
    {
        foreach (var slice in Layout.Slices)
        {
            Receive(slice, ParameterShard.AfterAllOthers);
        }
    }

    /// <inheritdoc/>
    public ParameterState Snapshot(long step)
    {
        var state = ParameterState.Allocate(Layout.Parameters, _shards[0].Optimizer.Slots.Count);
        long updates = 0;
        foreach (var slice in Layout.Slices)
        {
            for (var part = 0; part < state.Parts[slice.Parameter].Length; part++)
            {
                updates = Math.Max(updates, _shards[slice.Server].Read(slice.Index, part, SliceBytes(state.Parts[slice.Parameter][part], slice)));
            }
        }

        return state with { Step = step, Updates = updates };
    }

    /// <inheritdoc/>
    public void Leave()
    {
        foreach (var shard in _shards)
        {
            shard.Leave(_worker);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    private void Receive(ParameterSlice slice, long step)
    {
        var shard = _shards[slice.Server];
        if (!shard.WaitReady(step, slice.Index, _limit))
        {
            throw new TrainingException($"worker {_worker} waited {_limit.TotalSeconds:0.#} s for {shard.DescribeWait(step, slice.Index)}");
        }

        shard.Read(slice.Index, 0, SliceBytes(_values, slice));
    }

    private static Span<byte> SliceBytes(IReadOnlyList<View> views, ParameterSlice slice) =>
        MemoryMarshal.AsBytes(views[slice.Parameter].Floats.Slice(slice.Offset, slice.Length));

    private static Span<byte> SliceBytes(HostBuffer buffer, ParameterSlice slice) =>
        MemoryMarshal.AsBytes(buffer.Floats.Slice(slice.Offset, slice.Length));
}
