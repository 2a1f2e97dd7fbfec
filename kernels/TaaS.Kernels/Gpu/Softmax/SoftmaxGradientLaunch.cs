using ILGPU;
using ILGPU.Runtime;
using BackwardKernel = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, int, int>;

namespace TaaS.Kernels.Gpu;

/// <summary>One gradient's kernels, compiled when first used.</summary>
internal sealed class SoftmaxGradientLaunch<TGradient>(GpuDevice device)
    where TGradient : struct, ISoftmaxGradient
{
    private readonly BackwardKernel?[] _kernels = new BackwardKernel?[4];
    private BackwardKernel? _few;

    internal void Run(in View y, in View dy, in View dx)
    {
        int rows = y.Shape[0], classes = y.Shape[1];
        if (TeamPlan.SuitThreads(device, rows, classes))
        {
            device.Load(ref _few, SoftmaxKernels.Backward<TGradient, ThreadTeam, SingleAccess>);
            _few(device.Stream, device.Cover(rows), GpuBuffer.FloatsOf(y), GpuBuffer.FloatsOf(dy), GpuBuffer.FloatsOf(dx), rows, classes);
            return;
        }

        var plan = TeamPlan.Of(device, rows, classes);
        var quads = RowAlignment.HasWholePacks(classes, y, dy, dx);
        ref var kernel = ref _kernels[RowAlignment.Variant(plan, quads)];
        kernel ??= (plan.ByWarp, quads) switch
        {
            (true, true) => Load(SoftmaxKernels.Backward<TGradient, WarpTeam, QuadAccess>),
            (true, false) => Load(SoftmaxKernels.Backward<TGradient, WarpTeam, SingleAccess>),
            (false, true) => Load(SoftmaxKernels.Backward<TGradient, GroupTeam, QuadAccess>),
            (false, false) => Load(SoftmaxKernels.Backward<TGradient, GroupTeam, SingleAccess>),
        };
        kernel(device.Stream, plan.Config, GpuBuffer.FloatsOf(y), GpuBuffer.FloatsOf(dy), GpuBuffer.FloatsOf(dx), rows, classes);
    }

    private BackwardKernel Load(Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int> kernel) => device.Load<BackwardKernel>(kernel);
}
