using ILGPU;
using ILGPU.Runtime;
using ArgMaxKernel = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, ILGPU.ArrayView<float>, ILGPU.ArrayView<int>, TaaS.Kernels.Gpu.AxisWalk, TaaS.Kernels.Gpu.AxisWalk, int, int, int>;

namespace TaaS.Kernels.Gpu;

/// <summary>Reductions over any axes: by rows or by columns, as the elements lie, and in two launches where outputs are few. The order of sums depends on the shapes and the device alone.</summary>
internal sealed class GpuReduction(GpuDevice device) : IReductionKernels
{
    private readonly ArgMaxKernel?[] _argMax = new ArgMaxKernel?[3];
    private readonly ReduceLaunch<SumFold> _sum = new(device);
    private readonly ReduceLaunch<MaxFold> _max = new(device);

    public void Reduce(ReduceOp op, View x, View y)
    {
        if (y.Elements == 0)
        {
            return;
        }

        if (x.Elements == 0)
        {
            device.Elementwise.Fill(y, op switch { ReduceOp.Sum => 0, ReduceOp.Mean => float.NaN, _ => float.NegativeInfinity });
            return;
        }

        if (op == ReduceOp.Max)
        {
            _max.Run(x, y, 1);
        }
        else
        {
            _sum.Run(x, y, op == ReduceOp.Mean ? x.Elements / y.Elements : 1);
        }
    }

    public void ArgMax(View x, int axis, View y)
    {
        if (y.Elements == 0)
        {
            return;
        }

        axis = x.Shape.NormalizeAxis(axis);
        if (x.Elements == 0)
        {
            ((GpuBuffer)y.Buffer).Ints.SubView(y.Offset, y.Elements).MemSetToZero(device.Stream);
            return;
        }

        // y's shape is x's with the axis searched at length 1, so walking y's shape by x's strides meets every start.
        var kept = new MergedAxes(y.Shape);
        kept.Add(y.Strides);
        kept.Add(x.Strides);
        kept.Merge(orderedBy: 1);
        Launch(x, y, kept, x.Shape[axis], (int)x.Strides[axis]);
        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    private void Launch(in View x, in View y, in MergedAxes kept, int length, int step)
    {
        // Lines side by side are searched by a thread each, which makes neighbours read neighbours, if there are enough of them.
        var sideBySide = step > kept.InnerStride(1) && y.Elements >= (long)TeamPlan.Full(device, device.GroupSize) * device.GroupSize / 2;
        var plan = TeamPlan.Of(device, y.Elements, length);
        ref var kernel = ref _argMax[0];
        if (length < TeamPlan.FewElements || sideBySide)
        {
            kernel ??= Load(ArgMaxKernels.ArgMax<ThreadTeam>);
            plan = plan with { Config = device.Cover(y.Elements) };
        }
        else if (plan.ByWarp)
        {
            kernel = ref _argMax[1];
            kernel ??= Load(ArgMaxKernels.ArgMax<WarpTeam>);
        }
        else
        {
            kernel = ref _argMax[2];
            kernel ??= Load(ArgMaxKernels.ArgMax<GroupTeam>);
        }

        var (source, target) = (GpuBuffer.FloatsOf(x), ((GpuBuffer)y.Buffer).Ints.SubView(y.Offset));
        kernel(device.Stream, plan.Config, source, target, AxisWalk.Of(kept, 1), AxisWalk.Of(kept, 0), (int)y.Elements, length, step);
    }

    private ArgMaxKernel Load(Action<ArrayView<float>, ArrayView<int>, AxisWalk, AxisWalk, int, int, int> kernel) =>
        device.Load<ArgMaxKernel>(kernel);
}
