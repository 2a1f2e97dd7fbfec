namespace TaaS.Kernels.Cpu;

/// <summary>The processor: vectorised, cache-blocked and threaded kernels over host memory. Every launch has finished when the call returns.</summary>
public sealed class CpuDevice : Device
{
    private CpuDevice()
    {
    }

    /// <summary>The one instance.</summary>
    public static CpuDevice Instance { get; } = new();

    /// <summary>
    /// Threads a kernel uses, the caller among them, 1 to 1024. Set it at start-up; the default is the environment variable
    /// <c>TAAS_CPU_THREADS</c>, or else the number of processors. The bits of a result do not depend on it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">Below 1 or above 1024.</exception>
    public static int Threads
    {
        get => CpuPool.Threads;
        set => CpuPool.Threads = value;
    }

    /// <inheritdoc/>
    public override string Name => "cpu";

    /// <inheritdoc/>
    public override IElementwiseKernels Elementwise { get; } = new CpuElementwise();

    /// <inheritdoc/>
    public override IReductionKernels Reduction { get; } = new CpuReduction();

    /// <inheritdoc/>
    public override IMatrixKernels Matrix { get; } = new CpuMatrix(Microkernel.Best);

    /// <inheritdoc/>
    public override IConvolutionKernels Convolution { get; } = new CpuConvolution(Microkernel.Best);

    /// <inheritdoc/>
    public override IPoolingKernels Pooling { get; } = new CpuPooling();

    /// <inheritdoc/>
    public override ISoftmaxKernels Softmax { get; } = new CpuSoftmax();

    /// <inheritdoc/>
    public override INormalizationKernels Normalization { get; } = new CpuNormalization();

    /// <inheritdoc/>
    public override IRandomKernels Random { get; } = new CpuRandom();

    /// <inheritdoc/>
    public override IOptimizerKernels Optimizer { get; } = new CpuOptimizer();

    /// <inheritdoc/>
    public override DeviceBuffer Allocate(DType dtype, long length, bool zeroed = false) => new HostBuffer(this, dtype, length, zeroed);
}
