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

    /// <summary>Chains modules.</summary>
    public Sequential(params ReadOnlySpan<Module> modules)
    {
        for (var i = 0; i < modules.Length; i++)
        {
            Register(i.ToString(CultureInfo.InvariantCulture), modules[i]);
        }

        for (var i = 0; i < modules.Length;)
        {
            i += AddStage(modules[i..]);
        }
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x)
    {
        foreach (var stage in _stages)
        {
            x = stage(x);
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
