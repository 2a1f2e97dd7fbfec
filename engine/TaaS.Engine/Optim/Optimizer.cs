using TaaS.Kernels;

namespace TaaS.Engine.Optim;

/// <summary>
/// Updates parameters from their gradients, in place. Settings are read at each step, so a recorded step follows a schedule.
/// A parameter without a gradient is left alone.
/// </summary>
public abstract class Optimizer
{
    private readonly (string Name, Tensor Value)[] _parameters;
    private readonly Dictionary<string, Tensor> _slots = new(StringComparer.Ordinal);

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
        foreach (var (name, parameter) in _parameters)
        {
            if (parameter.Grad is { } gradient)
            {
                Update(name, parameter, gradient.View);
            }
        }
    }

    /// <summary>Forgets all gradients.</summary>
    public void ZeroGrad()
    {
        foreach (var (_, parameter) in _parameters)
        {
            parameter.Grad = null;
        }
    }

    /// <summary>Launches the update of one parameter.</summary>
    private protected abstract void Update(string name, Tensor parameter, View gradient);

    /// <summary>A slot of a parameter; zeros at first.</summary>
    private protected View Slot(string slot, string name, Tensor parameter)
    {
        var key = $"{slot}.{name}";
        if (!_slots.TryGetValue(key, out var value))
        {
            _slots[key] = value = Tensor.Zeros(parameter.Shape, parameter.Device);
        }

        return value.View;
    }
}
