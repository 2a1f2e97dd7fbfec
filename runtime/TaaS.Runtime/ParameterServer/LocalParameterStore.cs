using TaaS.Engine.Optim;
using TaaS.Kernels;

namespace TaaS.Runtime.ParameterServer;

/// <summary>No server at all: the update is made in place on the model's own memory, all parameters together. What <c>--local</c> trains with.</summary>
public sealed class LocalParameterStore : IParameterStore
{
    private readonly OptimizerSettings _optimizer;
    private readonly IReadOnlyList<View> _values;
    private readonly View[][] _slots;
    private readonly LearningRateSchedule _rate;
    private IReadOnlyList<View> _gradients = [];

    // Of all parameters and those gradients.
    private UpdateList? _list;
    private long _updates;
    private long _firstStep;
    private long _step;

    /// <summary>Makes a store around a model.</summary>
    /// <param name="layout">The model's parameters.</param>
    /// <param name="values">Parameter memory, contiguous, in the layout's order.</param>
    /// <param name="optimizer">Update rule.</param>
    public LocalParameterStore(ParameterLayout layout, IReadOnlyList<View> values, OptimizerSettings optimizer)
    {
        (Layout, _values, _optimizer) = (layout, values, optimizer);
        _rate = optimizer.RateOver(layout.PlannedUpdates);
        _slots = [.. values.Select(value => optimizer.Slots.Select(_ => new View(value.Buffer.Device.Allocate(DType.Float32, value.Elements, zeroed: true), value.Shape)).ToArray())];
    }

    /// <inheritdoc/>
    public ParameterLayout Layout { get; }

    /// <inheritdoc/>
    public bool Initialize(ParameterState state)
    {
        for (var parameter = 0; parameter < _values.Count; parameter++)
        {
            _values[parameter].Upload(state.Parts[parameter][0].Floats);
            for (var slot = 0; slot < _slots[parameter].Length; slot++)
            {
                _slots[parameter][slot].Upload(state.Parts[parameter][1 + slot].Floats);
            }
        }

        (_updates, _firstStep) = (state.Updates, state.Step);
        return true;
    }

    /// <inheritdoc/>
    public long? Pull() => _firstStep;

    /// <inheritdoc/>
    public void Begin(long step, IReadOnlyList<View> gradients)
    {
        _step = step;
        if (_list is null || !ReferenceEquals(_gradients, gradients))
        {
            _gradients = gradients;
            _list = new UpdateList([.. _values.Select((value, parameter) => OptimizerSettings.Pair(value, gradients[parameter], _slots[parameter]))]);
        }
    }

    /// <inheritdoc/>
    public void Push(int parameter)
    {
    }

    /// <inheritdoc/>
    public long? Complete()
    {
        var rate = _rate.At(_updates++);
        var updates = _list ?? throw new InvalidOperationException("store: a step is completed before it has begun");
        updates.Device.Optimizer.Update(updates, _optimizer.Rule(_updates, rate));
        return _step + 1;
    }

    /// <inheritdoc/>
    public bool PullFinal() => true;

    /// <inheritdoc/>
    public ParameterState? Snapshot(long step)
    {
        var state = ParameterState.Allocate(Layout.Parameters, _optimizer.Slots.Count);
        for (var parameter = 0; parameter < _values.Count; parameter++)
        {
            _values[parameter].Download(state.Parts[parameter][0].Floats);
            for (var slot = 0; slot < _slots[parameter].Length; slot++)
            {
                _slots[parameter][slot].Download(state.Parts[parameter][1 + slot].Floats);
            }
        }

        return state with { Step = step, Updates = _updates };
    }

    /// <inheritdoc/>
    public bool Finish() => true;

    /// <inheritdoc/>
    public void Leave()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
