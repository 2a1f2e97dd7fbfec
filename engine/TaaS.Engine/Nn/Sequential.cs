using System.Globalization;
using TaaS.Kernels;

namespace TaaS.Engine.Nn;

/// <summary>
/// Modules one after the other, named "0", "1", … Runs of conv-relu-maxpool, conv-relu and linear-relu go through fused kernels;
/// the result is the same, the intermediate tensors are never written.
/// </summary>
public sealed class Sequential : Module
{
    private readonly List<Func<Tensor, Tensor>> _stages = [];
    private readonly List<string> _layers = [];

    /// <summary>Chains modules.</summary>
    public Sequential(params ReadOnlySpan<Module> modules)
    {
        for (var i = 0; i < modules.Length; i++)
        {
            Register(i.ToString(CultureInfo.InvariantCulture), modules[i]);
        }

        for (var i = 0; i < modules.Length;)
        {
            _layers.Add($"layer {i.ToString(CultureInfo.InvariantCulture)} ({modules[i].GetType().Name})");
            i += AddStage(modules[i..]);
        }
    }

    /// <inheritdoc/>
    /// <exception cref="ShapeException">A layer does not take what comes; the message names it.</exception>
    public override Tensor Forward(Tensor x)
    {
        for (var stage = 0; stage < _stages.Count; stage++)
        {
            try
            {
                x = _stages[stage](x);
            }
            catch (ShapeException error)
            {
                throw new ShapeException($"{_layers[stage]}: {error.Message}", error);
            }
        }

        return x;
    }

    /// <summary>Adds the longest fused run at the front and gives the number of modules it took.</summary>
    private int AddStage(ReadOnlySpan<Module> modules)
    {
        switch (modules)
        {
            case [Conv2d { Bias: { } bias } conv, ReLU, MaxPool2d pool, ..]:
                _stages.Add(x => F.BiasReluMaxPool2d(conv.ForwardWithoutBias(x), bias, pool.Geometry));
                return 3;
            case [Conv2d conv, ReLU, ..]:
                _stages.Add(x => conv.Forward(x, FusedActivation.Relu));
                return 2;
            case [Linear linear, ReLU, ..]:
                _stages.Add(x => linear.Forward(x, FusedActivation.Relu));
                return 2;
            default:
                _stages.Add(modules[0].Forward);
                return 1;
        }
    }
}
