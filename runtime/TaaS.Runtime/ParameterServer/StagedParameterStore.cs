using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Runtime.ParameterServer;

/// <summary>
/// Lets a model on a GPU train with a store that works on host memory: gradients are copied down as they are pushed, and fresh parameters up once all are there.
/// </summary>
public sealed class StagedParameterStore : IParameterStore
{
    private readonly IParameterStore _store;
    private readonly IReadOnlyList<View> _values;
    private readonly View[] _hostValues;
    private readonly View[] _hostGradients;
    private readonly bool[] _isPushed;
    private IReadOnlyList<View> _gradients = [];

    /// <summary>Makes the host's copies, and the store around them.</summary>
    /// <param name="values">Parameter memory on the device, contiguous, in the layout's order.</param>
    /// <param name="open">Makes the store around host memory of the same shapes; it is disposed of with this one.</param>
    public StagedParameterStore(IReadOnlyList<View> values, Func<IReadOnlyList<View>, IParameterStore> open)
    {
        _values = values;
        _hostValues = [.. values.Select(OnHost)];
        _hostGradients = [.. values.Select(OnHost)];
        _isPushed = new bool[values.Count];
        _store = open(_hostValues);
    }

    /// <inheritdoc/>
    public ParameterLayout Layout => _store.Layout;

    /// <inheritdoc/>
    public StoreTraffic Traffic => _store.Traffic;

    /// <inheritdoc/>
    public bool Initialize(ParameterState state) => _store.Initialize(state);

    /// <inheritdoc/>
    public long? Pull()
    {
        var step = _store.Pull();
        UploadValues();
        return step;
    }

    /// <inheritdoc/>
    public void Begin(long step, IReadOnlyList<View> gradients)
    {
        _gradients = gradients;
        Array.Clear(_isPushed);
        _store.Begin(step, _hostGradients);
    }

    /// <inheritdoc/>
    public void Push(int parameter)
    {
        _gradients[parameter].Download(_hostGradients[parameter].Floats);
        _isPushed[parameter] = true;
        _store.Push(parameter);
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

        var next = _store.Complete();
        UploadValues();
        return next;
    }

    /// <inheritdoc/>
    public bool PullFinal()
    {
        var isFinal = _store.PullFinal();
        UploadValues();
        return isFinal;
    }

    /// <inheritdoc/>
    public ParameterState? Snapshot(long step) => _store.Snapshot(step);

    /// <inheritdoc/>
    public bool Finish() => _store.Finish();

    /// <inheritdoc/>
    public void Leave() => _store.Leave();

    /// <inheritdoc/>
    public void Dispose() => _store.Dispose();

    private static View OnHost(View value) => new(CpuDevice.Instance.Allocate(DType.Float32, value.Elements, zeroed: true), value.Shape);

    private void UploadValues()
    {
        for (var parameter = 0; parameter < _values.Count; parameter++)
        {
            _values[parameter].Upload(_hostValues[parameter].Floats);
        }
    }
}
