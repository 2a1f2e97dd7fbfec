using TaaS.Kernels;

namespace TaaS.Engine.Nn;

/// <summary>Batch normalisation of [N, C, H, W]: by the batch while training, by running statistics otherwise.</summary>
public sealed class BatchNorm2d : Module
{
    private readonly float _momentum;
    private readonly float _epsilon;
    private readonly Tensor _gamma;
    private readonly Tensor _beta;
    private readonly Tensor _mean;
    private readonly Tensor _variance;

    /// <summary>Makes the layer: scale 1, shift 0, running mean 0 and variance 1.</summary>
    public BatchNorm2d(int channels, Device device, float momentum = 0.1f, float epsilon = 1e-5f)
    {
        (_momentum, _epsilon) = (momentum, epsilon);
        var shape = new Shape(channels);
        _gamma = RegisterParameter("weight", Tensor.Full(shape, 1, device));
        _beta = RegisterParameter("bias", Tensor.Zeros(shape, device));
        _mean = RegisterBuffer("running_mean", Tensor.Zeros(shape, device));
        _variance = RegisterBuffer("running_var", Tensor.Full(shape, 1, device));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => Training
        ? F.BatchNorm2d(x, _gamma, _beta, _mean, _variance, _momentum, _epsilon)
        : F.BatchNorm2dInference(x, _gamma, _beta, _mean, _variance, _epsilon);
}

/// <summary>Layer normalisation over the last axis. <b>Shapes</b>: [.., D] → same.</summary>
public sealed class LayerNorm : Module
{
    private readonly float _epsilon;
    private readonly Tensor _gamma;
    private readonly Tensor _beta;

    /// <summary>Makes the layer: scale 1, shift 0.</summary>
    public LayerNorm(int length, Device device, float epsilon = 1e-5f)
    {
        _epsilon = epsilon;
        _gamma = RegisterParameter("weight", Tensor.Full(new Shape(length), 1, device));
        _beta = RegisterParameter("bias", Tensor.Zeros(new Shape(length), device));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor x) => F.LayerNorm(x, _gamma, _beta, _epsilon);
}
