namespace TaaS.Engine.Nn;

/// <summary>
/// A part of a model: parameters, buffers, parts of its own, and a forward pass. Names are dotted paths, as in PyTorch's state dictionaries.
/// A user's module derives from this, registers what it owns in its constructor, and overrides <see cref="Forward"/>.
/// </summary>
public abstract class Module
{
    private readonly List<(string Name, Tensor Value)> _parameters = [];
    private readonly List<(string Name, Tensor Value)> _buffers = [];
    private readonly List<(string Name, Module Value)> _children = [];

    /// <summary>True while training, which is how a module starts; dropout and batch normalisation behave differently.</summary>
    public bool Training { get; private set; } = true;

    /// <summary>Computes the module's output.</summary>
    public abstract Tensor Forward(Tensor x);

    /// <summary>What is trained, with names, this module's own first.</summary>
    public IEnumerable<(string Name, Tensor Value)> NamedParameters() => Named(static module => module._parameters);

    /// <summary>State that is kept but not trained (running statistics), with names.</summary>
    public IEnumerable<(string Name, Tensor Value)> NamedBuffers() => Named(static module => module._buffers);

    /// <summary>What is trained.</summary>
    public IEnumerable<Tensor> Parameters() => NamedParameters().Select(static parameter => parameter.Value);

    /// <summary>The parts of this module, without their own parts, with names.</summary>
    public IEnumerable<(string Name, Module Value)> NamedChildren() => _children;

    /// <summary>Parameters of this module alone, without those of its parts, with names.</summary>
    public IEnumerable<(string Name, Tensor Value)> OwnParameters() => _parameters;

    /// <summary>Parameters and buffers by name: what a checkpoint of the model holds.</summary>
    public IReadOnlyDictionary<string, Tensor> State()
    {
        var state = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, value) in NamedParameters().Concat(NamedBuffers()))
        {
            state.Add(name, value);
        }

        return state;
    }

    /// <summary>Copies values into this module's parameters and buffers, in place.</summary>
    /// <exception cref="TaaSException">A name is missing or a shape differs; nothing was copied then.</exception>
    public void LoadState(IReadOnlyDictionary<string, Tensor> state)
    {
        var own = State();
        foreach (var (name, target) in own)
        {
            if (!state.TryGetValue(name, out var source))
            {
                throw new TaaSException($"load: the checkpoint has no '{name}'; it belongs to another model");
            }

            if (source.Shape != target.Shape)
            {
                throw new TaaSException($"load: '{name}' is {source.Shape} in the checkpoint and {target.Shape} in the model; it belongs to another model");
            }
        }

        foreach (var (name, target) in own)
        {
            target.CopyFrom(state[name]);
        }
    }

    /// <summary>Turns training behaviour on, here and in all parts.</summary>
    public Module Train() => SetTraining(true);

    /// <summary>Turns inference behaviour on, here and in all parts.</summary>
    public Module Eval() => SetTraining(false);

    /// <summary>Makes a tensor a parameter of this module.</summary>
    protected Tensor RegisterParameter(string name, Tensor value)
    {
        value.RequiresGrad = true;
        _parameters.Add((name, value));
        return value;
    }

    /// <summary>Makes a tensor part of this module's state without training it.</summary>
    protected Tensor RegisterBuffer(string name, Tensor value)
    {
        _buffers.Add((name, value));
        return value;
    }

    /// <summary>Makes another module a part of this one.</summary>
    protected T Register<T>(string name, T module)
        where T : Module
    {
        _children.Add((name, module));
        return module;
    }

    private IEnumerable<(string Name, Tensor Value)> Named(Func<Module, List<(string Name, Tensor Value)>> own)
    {
        foreach (var entry in own(this))
        {
            yield return entry;
        }

        foreach (var (prefix, child) in _children)
        {
            foreach (var (name, value) in child.Named(own))
            {
                yield return ($"{prefix}.{name}", value);
            }
        }
    }

    private Module SetTraining(bool training)
    {
        Training = training;
        foreach (var (_, child) in _children)
        {
            child.SetTraining(training);
        }

        return this;
    }
}
