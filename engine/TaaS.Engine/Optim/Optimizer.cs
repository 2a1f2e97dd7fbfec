using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>
/// Updates parameters from their gradients, in place. Settings are read at each step, so a recorded step follows a schedule.
/// A parameter without a gradient is left alone. The whole model is updated by one launch on devices that can.
/// </summary>
public abstract class Optimizer
{
    private readonly (string Name, Tensor Value)[] _parameters;
    private readonly Dictionary<string, Tensor> _slots = new(StringComparer.Ordinal);

    // Of the last step, and the memory they are for: a device prepares a list once.
    private readonly List<(View Parameter, View Gradient)> _listed = [];
    private UpdateList[] _updates = [];

    /// <summary>Takes the parameters of a model.</summary>
    /// <param name="parameters">Names and tensors.</param>
    /// <param name="learningRate">Step size, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A learning rate that is not a positive number.</exception>
    protected Optimizer(IEnumerable<(string Name, Tensor Value)> parameters, float learningRate)
    {
        if (!(learningRate > 0) || float.IsInfinity(learningRate))
        {
            throw new ArgumentOutOfRangeException(nameof(learningRate), $"optimizer: the learning rate must be a number above 0, got {learningRate}");
        }

        _parameters = [.. parameters];
        LearningRate = learningRate;
    }

    /// <summary>Step size of the next step.</summary>
    public float LearningRate { get; set; }

    /// <summary>Steps done; restore it together with the slots.</summary>
    public long StepCount { get; set; }

    /// <summary>State beside the parameters, as "slot.parameter", such as "velocity.0.weight"; empty before the first step.</summary>
    public IReadOnlyDictionary<string, Tensor> Slots => _slots;

    /// <summary>Takes over slots of a checkpoint.</summary>
    public void LoadSlots(IReadOnlyDictionary<string, Tensor> slots)
    {
        foreach (var (name, value) in slots)
        {
            if (_slots.TryGetValue(name, out var own))
            {
                own.CopyFrom(value);
            }
            else
            {
                _slots[name] = value;
            }
        }
    }

    /// <summary>Updates every parameter that has a gradient.</summary>
    public void Step()
    {
        Launcher.RunVarying(() => StepCount++);
        if (!AreListed())
        {
            List();
        }

        foreach (var updates in _updates)
        {
            var kernels = updates.Device.Optimizer;
            Launcher.RunVarying(() => kernels.Update(updates, Rule));
        }
    }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (var (_, parameter) in _parameters)
        {
            parameter.Grad = null;
        }

        // The lists would keep the memory of the old gradients.
        _listed.Clear();
        _updates = [];
    }

    /// <summary>The rule with the settings of the step at hand.</summary>
    private protected abstract UpdateRule Rule { get; }

    /// <summary>Names of the slots that the rule keeps, in the order of <see cref="ParameterUpdate"/>.</summary>
    private protected abstract ReadOnlySpan<string> SlotNames { get; }

    /// <summary>Whether the lists are for the parameters and gradients of now.</summary>
    private bool AreListed()
    {
        var next = 0;
        foreach (var (_, parameter) in _parameters)
        {
            if (parameter.Grad is { } gradient && (next == _listed.Count || _listed[next++] != (parameter.View, gradient.View)))
            {
                return false;
            }
        }

        return next == _listed.Count;
    }

    /// <summary>Lists the parameters that have gradients, device by device.</summary>
    private void List()
    {
        _listed.Clear();
        var devices = new Dictionary<Device, List<ParameterUpdate>>();
        foreach (var (name, parameter) in _parameters)
        {
            if (parameter.Grad is { } gradient)
            {
                _listed.Add((parameter.View, gradient.View));
                if (!devices.TryGetValue(parameter.Device, out var updates))
                {
                    devices[parameter.Device] = updates = [];
                }

                updates.Add(new ParameterUpdate(parameter.View, gradient.View, Slot(0, name, parameter), Slot(1, name, parameter)));
            }
        }

        _updates = [.. devices.Values.Select(static updates => new UpdateList([.. updates]))];
    }

    /// <summary>A slot of a parameter, zeros at first; null where the rule keeps none.</summary>
    private View? Slot(int slot, string name, Tensor parameter)
    {
        if (slot >= SlotNames.Length)
        {
            return null;
        }

        var key = $"{SlotNames[slot]}.{name}";
        if (!_slots.TryGetValue(key, out var value))
        {
            _slots[key] = value = Tensor.Zeros(parameter.Shape, parameter.Device);
        }

        return value.View;
    }
}
