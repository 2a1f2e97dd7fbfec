using TaaS.Kernels;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Benchmarks.Gpu.Conformance;

/// <summary>Every family of the suite on the chosen device. A family without a class here fails the run (<see cref="ConformanceRunner.Missing"/>).</summary>
internal static class Families
{
    private static GpuDevice? _device;

    /// <summary>The device under test, in f32; set before the first check.</summary>
    internal static GpuDevice Device
    {
        get => In(MatrixPrecision.Float32);
        set => _device = value;
    }

    /// <summary>The device under test in a precision, until the next check asks for another.</summary>
    internal static GpuDevice In(MatrixPrecision precision)
    {
        var device = _device ?? throw new InvalidOperationException("conformance: no device was chosen");
        device.Precision = precision;
        return device;
    }
}

internal sealed class Elementwise() : ElementwiseConformance(Families.Device);

internal sealed class Reduction() : ReductionConformance(Families.Device);

internal sealed class Matrix() : MatrixConformance(Families.Device);

internal sealed class Convolution() : ConvolutionConformance(Families.Device);

internal sealed class MatrixTensorFloat32() : MatrixConformance(Families.In(MatrixPrecision.TensorFloat32));

internal sealed class MatrixBFloat16() : MatrixConformance(Families.In(MatrixPrecision.BFloat16));

internal sealed class ConvolutionTensorFloat32() : ConvolutionConformance(Families.In(MatrixPrecision.TensorFloat32));

internal sealed class ConvolutionBFloat16() : ConvolutionConformance(Families.In(MatrixPrecision.BFloat16));

internal sealed class Pooling() : PoolingConformance(Families.Device);

internal sealed class Softmax() : SoftmaxConformance(Families.Device);

internal sealed class Normalization() : NormalizationConformance(Families.Device);

internal sealed class Random() : RandomConformance(Families.Device);

internal sealed class Optimizer() : OptimizerConformance(Families.Device);
