using ILGPU;
using ILGPU.Runtime;
using BackwardKernel = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, int, int>;
using ColumnsKernel = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, int, int, int, int, int>;
using ForwardKernel = System.Action<ILGPU.Runtime.AcceleratorStream, ILGPU.KernelConfig, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, ILGPU.ArrayView<float>, int, int, float>;

namespace TaaS.Kernels.Gpu;

/// <summary>Layer normalisation's kernels, compiled when first used, and the choice between them.</summary>
internal sealed class LayerLaunch(GpuDevice device)
{
    private readonly ForwardKernel?[] _forward = new ForwardKernel?[4];
    private readonly BackwardKernel?[] _backward = new BackwardKernel?[4];
    private ColumnsKernel? _parameters;
    private ColumnsKernel? _partials;

    internal void Forward(in View x, in View gamma, in View beta, in View y, in View savedMean, in View savedInverseStd, float epsilon)
    {
        int rows = x.Shape[0], columns = x.Shape[1];
        var plan = TeamPlan.Of(device, rows, columns);
        var quads = RowAlignment.HasWholePacks(columns, x, gamma, beta, y);
        ref var kernel = ref _forward[RowAlignment.Variant(plan, quads)];
        kernel ??= (plan.ByWarp, quads) switch
        {
            (true, true) => LoadForward(LayerKernels.Forward<WarpTeam, QuadAccess>),
            (true, false) => LoadForward(LayerKernels.Forward<WarpTeam, SingleAccess>),
            (false, true) => LoadForward(LayerKernels.Forward<GroupTeam, QuadAccess>),
            (false, false) => LoadForward(LayerKernels.Forward<GroupTeam, SingleAccess>),
        };
        kernel(
            device.Stream,
            plan.Config,
            GpuBuffer.FloatsOf(x),
            GpuBuffer.FloatsOf(gamma),
            GpuBuffer.FloatsOf(beta),
            GpuBuffer.FloatsOf(y),
            GpuBuffer.FloatsOf(savedMean),
            GpuBuffer.FloatsOf(savedInverseStd),
            rows,
            columns,
            epsilon);
    }

    internal void Backward(in View x, in View gamma, in View savedMean, in View savedInverseStd, in View dy, in View dx)
    {
        int rows = x.Shape[0], columns = x.Shape[1];
        var plan = TeamPlan.Of(device, rows, columns);
        var quads = RowAlignment.HasWholePacks(columns, x, gamma, dy, dx);
        ref var kernel = ref _backward[RowAlignment.Variant(plan, quads)];
        kernel ??= (plan.ByWarp, quads) switch
        {
            (true, true) => LoadBackward(LayerKernels.Backward<WarpTeam, QuadAccess>),
            (true, false) => LoadBackward(LayerKernels.Backward<WarpTeam, SingleAccess>),
            (false, true) => LoadBackward(LayerKernels.Backward<GroupTeam, QuadAccess>),
            (false, false) => LoadBackward(LayerKernels.Backward<GroupTeam, SingleAccess>),
        };
        kernel(
            device.Stream,
            plan.Config,
            GpuBuffer.FloatsOf(x),
            GpuBuffer.FloatsOf(gamma),
            GpuBuffer.FloatsOf(savedMean),
            GpuBuffer.FloatsOf(savedInverseStd),
            GpuBuffer.FloatsOf(dy),
            GpuBuffer.FloatsOf(dx),
            rows,
            columns);
    }

    /// <summary>dgamma and dbeta: rows cut into parts, then the parts summed.</summary>
    internal void BackwardParameters(in View x, in View savedMean, in View savedInverseStd, in View dy, in View dgamma, in View dbeta)
    {
        int rows = x.Shape[0], columns = x.Shape[1];
        var width = ColumnTiles.Width(device, columns);
        var tiles = (columns + width - 1) / width;
        var split = Split.Of(device, tiles, rows, device.GroupSize / width * 2);
        _parameters ??= LoadColumns(LayerParameterKernels.Columns<LayerParameterTerms>);
        var (mean, inverse, gammas, betas) = (GpuBuffer.FloatsOf(savedMean), GpuBuffer.FloatsOf(savedInverseStd), GpuBuffer.FloatsOf(dgamma), GpuBuffer.FloatsOf(dbeta));
        if (split.Count == 1)
        {
            _parameters(device.Stream, Config(tiles), GpuBuffer.FloatsOf(x), GpuBuffer.FloatsOf(dy), mean, inverse, gammas, betas, rows, columns, 1, rows, width);
            return;
        }

        var half = (long)columns * split.Count;
        var partials = device.Scratch.Floats(half * 2);
        var (first, second) = (partials.SubView(0, half), partials.SubView(half, half));
        _parameters(device.Stream, Config((long)tiles * split.Count), GpuBuffer.FloatsOf(x), GpuBuffer.FloatsOf(dy), mean, inverse, first, second, rows, columns, split.Count, split.Chunk, width);
        _partials ??= LoadColumns(LayerParameterKernels.Columns<LayerPartialTerms>);
        _partials(device.Stream, Config(tiles), first, second, mean, inverse, gammas, betas, split.Count, columns, 1, split.Count, width);
    }

    private KernelConfig Config(long pieces) => new(TeamPlan.Groups(device, pieces, device.GroupSize), device.GroupSize);

    private ForwardKernel LoadForward(Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, float> kernel) =>
        device.Load<ForwardKernel>(kernel);

    private BackwardKernel LoadBackward(Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int> kernel) =>
        device.Load<BackwardKernel>(kernel);

    private ColumnsKernel LoadColumns(Action<ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, ArrayView<float>, int, int, int, int, int> kernel) =>
        device.Load<ColumnsKernel>(kernel);
}
