using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Conformance;

/// <summary>The GPU kernels, run thread by thread: one device for all classes, which take turns.</summary>
[CollectionDefinition(Name)]
public sealed class Emulator
{
    public const string Name = "emulator";

    internal static GpuDevice Device { get; } = GpuDevice.CreateEmulator();
}

[Collection(Emulator.Name)]
public sealed class GpuElementwiseConformance() : ElementwiseConformance(Emulator.Device);

[Collection(Emulator.Name)]
public sealed class GpuPoolingConformance() : PoolingConformance(Emulator.Device);

[Collection(Emulator.Name)]
public sealed class GpuRandomConformance() : RandomConformance(Emulator.Device);

[Collection(Emulator.Name)]
public sealed class GpuOptimizerConformance() : OptimizerConformance(Emulator.Device);

[Collection(Emulator.Name)]
public sealed class GpuReductionConformance() : ReductionConformance(Emulator.Device);

[Collection(Emulator.Name)]
public sealed class GpuSoftmaxConformance() : SoftmaxConformance(Emulator.Device);

[Collection(Emulator.Name)]
public sealed class GpuNormalizationConformance() : NormalizationConformance(Emulator.Device);

[Collection(Emulator.Name)]
public sealed class GpuMatrixConformance() : MatrixConformance(Emulator.Device);

[Collection(Emulator.Name)]
public sealed class GpuConvolutionConformance() : ConvolutionConformance(Emulator.Device);
