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
    private uint _generation;

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
    public bool Initialize(ParameterState state)
    {
        var generation = _shards.Max(shard => shard.Generation) + 1;
        foreach (var slice in Layout.Slices)
        {
            for (var part = 0; part < state.Parts[slice.Parameter].Length; part++)
            {
                _shards[slice.Server].TryBeginInitialize(generation, slice.Index, part, state.Updates, out var memory);
                SliceBytes(state.Parts[slice.Parameter][part], slice).CopyTo(memory);
            }
        }

        return _shards.All(shard => shard.CompleteInitialization(generation, state.Step));
    }

    /// <inheritdoc/>
    public long? Pull()
    {
        TryReceiveAll(ReadKind.Anew, 0, 0);
        _generation = _shards[0].Generation;
        return Layout.Slices.Min(slice => _shards[slice.Server].NextStep(_worker, slice.Index));
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
            if (slice.Parameter == parameter && _shards[slice.Server].TryBeginPush(_generation, _worker, _step, slice.Index, out var inbox))
            {
                SliceBytes(_gradients, slice).CopyTo(inbox);
                _shards[slice.Server].CommitPush(_generation, _worker, _step, slice.Index);
            }
        }
    }

    /// <inheritdoc/>
    public long? Complete()
    {
        for (var parameter = 0; parameter < _isPushed.Length; parameter++)
        {
            if (!_isPushed[parameter])
            {
                Push(parameter);
            }
        }

        return TryReceiveAll(ReadKind.AfterPush, _generation, _step)
            ? Math.Max(_step + 1, Layout.Slices.Min(slice => _shards[slice.Server].NextStep(_worker, slice.Index)))
            : null;
    }

    /// <inheritdoc/>
    public bool PullFinal() => TryReceiveAll(ReadKind.AfterAllOthers, _generation, 0);

    /// <inheritdoc/>
    public ParameterState? Snapshot(long step)
    {
        var state = ParameterState.Allocate(Layout.Parameters, _shards[0].Optimizer.Slots.Count);
        long updates = 0;
        foreach (var slice in Layout.Slices)
        {
            if (!IsReady(slice, ReadKind.AtStep, _generation, step))
            {
                return null;
            }

            for (var part = 0; part < state.Parts[slice.Parameter].Length; part++)
            {
                updates = Math.Max(updates, _shards[slice.Server].Read(slice.Index, part, SliceBytes(state.Parts[slice.Parameter][part], slice)));
            }
        }

        return state with { Step = step, Updates = updates };
    }

    /// <inheritdoc/>
    public bool Finish()
    {
        foreach (var shard in _shards)
        {
            shard.Finish(_generation, _worker);
        }

        if (_worker != 0 && !Layout.Slices.All(slice => IsReady(slice, ReadKind.AfterChief, _generation, 0)))
        {
            return false;
        }

        Leave();
        return true;
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

    private bool TryReceiveAll(ReadKind kind, uint generation, long step)
    {
        foreach (var slice in Layout.Slices)
        {
            if (!IsReady(slice, kind, generation, step))
            {
                return false;
            }

            _shards[slice.Server].Read(slice.Index, 0, SliceBytes(_values, slice));
        }

        return true;
    }

    private bool IsReady(ParameterSlice slice, ReadKind kind, uint generation, long step)
    {
        var condition = new ReadCondition(kind, generation, _worker, step, slice.Index);
        return _shards[slice.Server].Wait(condition, _limit) switch
        {
            ReadStatus.Ready => true,
            ReadStatus.WentBack => false,
            _ => throw new TrainingException($"worker {_worker} waited {_limit.TotalSeconds:0.#} s for {_shards[slice.Server].DescribeWait(condition)}"),
        };
    }

    private static Span<byte> SliceBytes(IReadOnlyList<View> views, ParameterSlice slice) =>
        MemoryMarshal.AsBytes(views[slice.Parameter].Floats.Slice(slice.Offset, slice.Length));

    private static Span<byte> SliceBytes(HostBuffer buffer, ParameterSlice slice) =>
        MemoryMarshal.AsBytes(buffer.Floats.Slice(slice.Offset, slice.Length));
}
