namespace TaaS.Kernels.Reference;

/// <summary>The definition of right: every kernel as plain loops in double precision. For tests; far too slow to train with.</summary>
public sealed class ReferenceDevice : Device
{
    private ReferenceDevice()
    {
    }

    /// <summary>The one instance.</summary>
    public static ReferenceDevice Instance { get; } = new();

    /// <inheritdoc/>
    public override string Name => "reference";

    /// <inheritdoc/>
    public override IElementwiseKernels Elementwise { get; } = new ReferenceElementwise();

    /// <inheritdoc/>
    public override IReductionKernels Reduction { get; } = new ReferenceReduction();

    /// <inheritdoc/>
    public override IMatrixKernels Matrix { get; } = new ReferenceMatrix();

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution { get; } = new ReferenceConvolution();

    /// <inheritdoc/>
    public override IPoolingKernels Pooling { get; } = new ReferencePooling();

    /// <inheritdoc/>
    public override ISoftmaxKernels Softmax { get; } = new ReferenceSoftmax();

    /// <inheritdoc/>
    public override INormalizationKernels Normalization { get; } = new ReferenceNormalization();

    /// <inheritdoc/>
    public override IRandomKernels Random { get; } = new ReferenceRandom();

    /// <inheritdoc/>
    public override IOptimizerKernels Optimizer { get; } = new ReferenceOptimizer();

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(DType dtype, long length, bool zeroed = false) => new HostBuffer(this, dtype, length, zeroed);
}
