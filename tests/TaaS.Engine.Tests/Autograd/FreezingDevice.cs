using TaaS.Kernels;
using TaaS.Kernels.Reference;

namespace TaaS.Engine.Tests.Autograd;

/// <summary>The reference device, as one that makes a single launch of many; it keeps count.</summary>
internal sealed class FreezingDevice : Device
{
    private readonly ReferenceDevice _reference = ReferenceDevice.Instance;

    public override string Name => "freezing";

    public override IElementwiseKernels Elementwise => _reference.Elementwise;

    public override IReductionKernels Reduction => _reference.Reduction;

    public override IMatrixKernels Matrix => _reference.Matrix;

    public override IConvolutionKernels Convolution => _reference.Convolution;

    public override IPoolingKernels Pooling => _reference.Pooling;

    public override ISoftmaxKernels Softmax => _reference.Softmax;

    public override INormalizationKernels Normalization => _reference.Normalization;

    public override IRandomKernels Random => _reference.Random;

    public override IOptimizerKernels Optimizer => _reference.Optimizer;

    /// <summary>Launches in each frozen block.</summary>
    public List<int> Blocks { get; } = [];

    /// <summary>Times a frozen block was run.</summary>
    public int Replays { get; private set; }

    public override DeviceBuffer Allocate(DType dtype, long length, bool zeroed = false) => new HostBuffer(this, dtype, length, zeroed);

    public override Action? Freeze(ReadOnlyMemory<Action> launches)
    {
        Blocks.Add(launches.Length);
        return () =>
        {
            Replays++;
            foreach (var launch in launches.Span)
            {
                launch();
            }
        };
    }
}
