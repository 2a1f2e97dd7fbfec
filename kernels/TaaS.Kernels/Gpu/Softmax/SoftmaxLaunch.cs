using ILGPU;
using ILGPU.Runtime;
using ForwardKernel = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<int>, ILGPU.ArrayView<float>, int, int>;

namespace TaaS.Kernels.Gpu;

/// <summary>One output's kernels, compiled when first used.</summary>
internal sealed class SoftmaxLaunch<TOutput>(GpuDevice device)
    where TOutput : struct, ISoftmaxOutput
{
    private readonly ForwardKernel?[] _kernels = new ForwardKernel?[4];
    private ForwardKernel? _few;

    internal void Run(in View x, in View y, ArrayView<int> labels, ArrayView<float> losses)
    {
        int rows = x.Shape[0], classes = x.Shape[1];
        if (TeamPlan.SuitThreads(device, rows, classes))
        {
            device.Load(ref _few, SoftmaxKernels.Forward<TOutput, ThreadTeam, SingleAccess>);
            _few(device.Stream, device.Cover(rows), GpuBuffer.FloatsOf(x), GpuBuffer.FloatsOf(y), labels, losses, rows, classes);
            return;
        }

        var plan = TeamPlan.Of(device, rows, classes);
        var quads = RowAlignment.HasWholePacks(classes, x, y);
        ref var kernel = ref _kernels[RowAlignment.Variant(plan, quads)];
        kernel ??= (plan.ByWarp, quads) switch
        {
            (true, true) => Load(SoftmaxKernels.Forward<TOutput, WarpTeam, QuadAccess>),
            (true, false) => Load(SoftmaxKernels.Forward<TOutput, WarpTeam, SingleAccess>),
            (false, true) => Load(SoftmaxKernels.Forward<TOutput, GroupTeam, QuadAccess>),
            (false, false) => Load(SoftmaxKernels.Forward<TOutput, GroupTeam, SingleAccess>),
        };
        kernel(device.Stream, plan.Config, GpuBuffer.FloatsOf(x), GpuBuffer.FloatsOf(y), labels, losses, rows, classes);
    }

    private ForwardKernel Load(Action<ArrayView<float>, ArrayView<float>, ArrayView<int>, ArrayView<float>, int, int> kernel) => device.Load<ForwardKernel>(kernel);
}
