using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Benchmarks.Gpu.Conformance;

/// <summary>Every family of the suite on the chosen device. A family without a class here fails the run (<see cref="ConformanceRunner.Missing"/>).</summary>
internal static class Families
{
    private static GpuDevice? _device;

    /// <summary>The device under test; set before the first check.</summary>
    internal static GpuDevice Device
    {
        get => _device ?? throw new InvalidOperationException("conformance: no device was chosen");
        set => _device = value;
    }
}

internal sealed class Elementwise() : ElementwiseConformance(Families.Device);

internal sealed class Reduction() : ReductionConformance(Families.Device);

internal sealed class Matrix() : MatrixConformance(Families.Device);

internal sealed class Convolution() : ConvolutionConformance(Families.Device);

internal sealed class Pooling() : PoolingConformance(Families.Device);

internal sealed class Softmax() : SoftmaxConformance(Families.Device);

internal sealed class Normalization() : NormalizationConformance(Families.Device);

internal sealed class Random() : RandomConformance(Families.Device);

internal sealed class Optimizer() : OptimizerConformance(Families.Device);
