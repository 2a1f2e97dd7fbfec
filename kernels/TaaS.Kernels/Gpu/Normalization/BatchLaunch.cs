using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>Batch normalisation's kernels for one way of access, compiled when first used.</summary>
internal sealed class BatchLaunch<TAccess>(GpuDevice device)
    where TAccess : struct, IPackAccess
{
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<Float4>, ChannelLayout>? _moments;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<Float4>, BatchStatistics, ChannelLayout>? _normalize;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, float, ChannelLayout>? _inference;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ChannelLayout>? _sums;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, BatchGradients, ChannelLayout>? _gradients;

    internal void Forward(in ChannelLayout layout, in View x, in View gamma, in View beta, in View y, in BatchStatistics statistics)
    {
        device.Load(ref _moments, BatchKernels.Moments<TAccess>);
        device.Load(ref _normalize, BatchKernels.Normalize<TAccess>);
        var moments = device.Scratch.Floats((long)layout.Pieces * Float4.Count).Cast<Float4>();
        _moments(device.Stream, Config(layout), GpuBuffer.FloatsOf(x), moments, layout);
        _normalize(device.Stream, Config(layout), GpuBuffer.FloatsOf(x), GpuBuffer.FloatsOf(gamma), GpuBuffer.FloatsOf(beta), GpuBuffer.FloatsOf(y), moments, statistics, layout);
    }

    internal void Inference(in ChannelLayout layout, in View x, in View gamma, in View beta, in View mean, in View variance, in View y, float epsilon)
    {
        device.Load(ref _inference, BatchKernels.Inference<TAccess>);
        _inference(
            device.Stream,
            Config(layout),
            GpuBuffer.FloatsOf(x),
            GpuBuffer.FloatsOf(gamma),
            GpuBuffer.FloatsOf(beta),
            GpuBuffer.FloatsOf(mean),
            GpuBuffer.FloatsOf(variance),
            GpuBuffer.FloatsOf(y),
            epsilon,
            layout);
    }

    internal void Backward(in ChannelLayout layout, in View x, in View dy, in View dx, in BatchGradients gradients)
    {
        device.Load(ref _sums, BatchKernels.Sums<TAccess>);
        device.Load(ref _gradients, BatchKernels.Gradients<TAccess>);
        var partials = device.Scratch.Floats(layout.Pieces * 2L);
        _sums(device.Stream, Config(layout), GpuBuffer.FloatsOf(x), GpuBuffer.FloatsOf(dy), gradients.SavedMean, partials, layout);
        _gradients(device.Stream, Config(layout), GpuBuffer.FloatsOf(x), GpuBuffer.FloatsOf(dy), GpuBuffer.FloatsOf(dx), partials, gradients, layout);
    }

    private KernelConfig Config(in ChannelLayout layout) => new(TeamPlan.Groups(device, layout.Pieces, device.GroupSize), device.GroupSize);
}
