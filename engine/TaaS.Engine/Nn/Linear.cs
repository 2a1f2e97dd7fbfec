using TaaS.Kernels;

namespace TaaS.Engine.Nn;

/// <summary>A fully connected layer: x·wᵀ + bias. <b>Shapes</b>: [N, in] → [N, out]. Weights and bias start uniform in ±1/√in, as in PyTorch; <see cref="Init"/> has others.</summary>
public sealed class Linear : Module
{
    /// <summary>Makes the layer.</summary>
    public Linear(int inFeatures, int outFeatures, Generator generator, Device device, bool bias = true)
    {
        Weight = RegisterParameter("weight", Init.KaimingUniform(Tensor.Empty(new Shape(outFeatures, inFeatures), device), generator, MathF.Sqrt(5)));
        if (bias)
        {
            var bound = 1 / MathF.Sqrt(inFeatures);
            Bias = RegisterParameter("bias", Init.Uniform(Tensor.Empty(new Shape(outFeatures), device), -bound, bound, generator));
        }
    }

    /// <summary>[out, in].</summary>
    public Tensor Weight { get; }

    /// <summary>[out], or null.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, FusedActivation.None);

    internal Tensor Forward(Tensor x, FusedActivation activation) => F.Linear(x, Weight, Bias, activation);
}
