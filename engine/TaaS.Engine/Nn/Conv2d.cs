using TaaS.Kernels;

namespace TaaS.Engine.Nn;

/// <summary>2-D convolution. <b>Shapes</b>: [N, C, H, W] → [N, K, H', W']. Weights and bias start uniform in ±1/√fanIn, as in PyTorch; <see cref="Init"/> has others.</summary>
public sealed class Conv2d : Module
{
    /// <summary>Makes the layer; one number serves rows and columns.</summary>
    /// <exception cref="ShapeException">Groups do not divide the channels.</exception>
    public Conv2d(int inChannels, int outChannels, int kernelSize, Generator generator, Device device, int stride = 1, int padding = 0, int dilation = 1, int groups = 1, bool bias = true)
    {
        if (groups < 1 || inChannels % groups != 0 || outChannels % groups != 0)
        {
            throw new ShapeException($"conv2d: {groups} groups do not divide {inChannels} input and {outChannels} output channels");
        }

        Geometry = new Conv2dGeometry(stride, stride, padding, padding, dilation, dilation, groups);
        var shape = new Shape(outChannels, inChannels / groups, kernelSize, kernelSize);
        Weight = RegisterParameter("weight", Init.KaimingUniform(Tensor.Empty(shape, device), generator, MathF.Sqrt(5)));
        if (bias)
        {
            var bound = 1 / MathF.Sqrt(inChannels / groups * kernelSize * kernelSize);
            Bias = RegisterParameter("bias", Init.Uniform(Tensor.Empty(new Shape(outChannels), device), -bound, bound, generator));
        }
    }

    /// <summary>Stride, padding, dilation and groups.</summary>
    public Conv2dGeometry Geometry { get; }

    /// <summary>[K, C/groups, R, S].</summary>
    public Tensor Weight { get; }

    /// <summary>[K], or null.</summary>
    public Tensor? Bias { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Forward(x, FusedActivation.None);

    internal Tensor Forward(Tensor x, FusedActivation activation) => F.Conv2d(x, Weight, Bias, Geometry, activation);

    internal Tensor ForwardWithoutBias(Tensor x) => F.Conv2d(x, Weight, null, Geometry);
}
