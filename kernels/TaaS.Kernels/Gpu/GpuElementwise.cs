using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>Element-wise kernels: a function struct each, one pair of loops for all (<see cref="MapKernels"/>).</summary>
internal sealed class GpuElementwise(GpuDevice device) : IElementwiseKernels
{
    private readonly Dictionary<Type, MapLaunch> _launches = [];
    private Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<int>, MapLayout, int>? _copy;
    private Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<int>, MapLayout, int, int>? _copyWide;
    private Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<float>, int, int>? _oneHot;
    private Action<AcceleratorStream, KernelConfig, ArrayView<int>, ArrayView<int>, TransposeLayout, int>? _transpose;

    private int TileEdge => device.GroupSize % WarpTile.Edge == 0 ? WarpTile.Edge : SmallTile.Edge;

    public void Binary(BinaryOp op, View a, View b, View y)
    {
        switch (op)
        {
            case BinaryOp.Add: Map<AddFunction>(a, b, y); break;
            case BinaryOp.Subtract: Map<SubtractFunction>(a, b, y); break;
            case BinaryOp.Multiply: Map<MultiplyFunction>(a, b, y); break;
            case BinaryOp.Divide: Map<DivideFunction>(a, b, y); break;
            case BinaryOp.Maximum: Map<MaximumFunction>(a, b, y); break;
            case BinaryOp.Minimum: Map<MinimumFunction>(a, b, y); break;
            case BinaryOp.Power: Map<PowerFunction>(a, b, y); break;
            case BinaryOp.Greater: Map<GreaterFunction>(a, b, y); break;
            case BinaryOp.Equal: Map<EqualFunction>(a, b, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "binary: no such operation");
        }
    }

    public void BinaryScalar(BinaryOp op, View a, float s, View y)
    {
        switch (op)
        {
            case BinaryOp.Add: Map<WithScalar<AddFunction>>(a, a, y, s); break;
            case BinaryOp.Subtract: Map<WithScalar<SubtractFunction>>(a, a, y, s); break;
            case BinaryOp.Multiply: Map<WithScalar<MultiplyFunction>>(a, a, y, s); break;
            case BinaryOp.Divide: Map<WithScalar<DivideFunction>>(a, a, y, s); break;
            case BinaryOp.Maximum: Map<WithScalar<MaximumFunction>>(a, a, y, s); break;
            case BinaryOp.Minimum: Map<WithScalar<MinimumFunction>>(a, a, y, s); break;
            case BinaryOp.Power when s == 2: Map<MultiplyFunction>(a, a, y); break;
            case BinaryOp.Power: Map<WithScalar<PowerFunction>>(a, a, y, s); break;
            case BinaryOp.Greater: Map<WithScalar<GreaterFunction>>(a, a, y, s); break;
            case BinaryOp.Equal: Map<WithScalar<EqualFunction>>(a, a, y, s); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "binary: no such operation");
        }
    }

    public void Unary(UnaryOp op, View x, View y, float alpha = 0.01f)
    {
        switch (op)
        {
            case UnaryOp.Negate: Map<NegateFunction>(x, x, y); break;
            case UnaryOp.Absolute: Map<AbsoluteFunction>(x, x, y); break;
            case UnaryOp.Exp: Map<ExpFunction>(x, x, y); break;
            case UnaryOp.Log: Map<LogFunction>(x, x, y); break;
            case UnaryOp.Sqrt: Map<SqrtFunction>(x, x, y); break;
            case UnaryOp.Relu: Map<ReluFunction>(x, x, y); break;
            case UnaryOp.LeakyRelu: Map<LeakyReluFunction>(x, x, y, alpha); break;
            case UnaryOp.Gelu: Map<GeluFunction>(x, x, y); break;
            case UnaryOp.Sigmoid: Map<SigmoidFunction>(x, x, y); break;
            case UnaryOp.Tanh: Map<TanhFunction>(x, x, y); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "unary: no such operation");
        }
    }

    public void UnaryBackward(UnaryOp op, View x, View y, View dy, View dx, float alpha = 0.01f)
    {
        switch (op)
        {
            case UnaryOp.Negate: Map<NegateFunction>(dy, dy, dx); break;
            case UnaryOp.Absolute: Map<AbsoluteSlope>(dy, x, dx); break;
            case UnaryOp.Exp: Map<MultiplyFunction>(dy, y, dx); break;
            case UnaryOp.Log: Map<DivideFunction>(dy, x, dx); break;
            case UnaryOp.Sqrt: Map<SqrtSlope>(dy, y, dx); break;
            case UnaryOp.Relu: Map<ReluSlope>(dy, x, dx); break;
            case UnaryOp.LeakyRelu: Map<ReluSlope>(dy, x, dx, alpha); break;
            case UnaryOp.Gelu: Map<GeluSlope>(dy, x, dx); break;
            case UnaryOp.Sigmoid: Map<SigmoidSlope>(dy, y, dx); break;
            case UnaryOp.Tanh: Map<TanhSlope>(dy, y, dx); break;
            default: throw new ArgumentOutOfRangeException(nameof(op), op, "unary gradient: no such operation");
        }
    }

    public void Axpy(float alpha, View x, View y) => Map<AxpyFunction>(y, x, y, alpha);

    public void Fill(View y, float value) => Map<FillFunction>(y, y, y, value);

    public void Copy(View x, View y)
    {
        var axes = Merged(x, x, y);
        if (axes.Rank == 0)
        {
            return;
        }

        var source = ((GpuBuffer)x.Buffer).Bits.SubView(x.Offset);
        var target = ((GpuBuffer)y.Buffer).Bits.SubView(y.Offset);
        if (axes.Rank == 1 && axes.InnerStride(0) == 1 && axes.InnerStride(1) == 1)
        {
            // The device's own copy reaches the memory's bandwidth.
            target.SubView(0, axes.Inner).CopyFrom(device.Stream, source.SubView(0, axes.Inner));
        }
        else if (TransposeLayout.TryFind(axes, TileEdge, out var matrices))
        {
            device.Load(ref _transpose, TileEdge == WarpTile.Edge ? TransposeKernels.Transpose<WarpTile> : TransposeKernels.Transpose<SmallTile>);
            var tiles = matrices.Batches * matrices.TilesAcross * matrices.TilesDown;
            _transpose(device.Stream, device.Cover((long)tiles * device.GroupSize), source, target, matrices, tiles);
        }
        else if (MapLayout.TryWiden(axes, [y.Offset, x.Offset], out var wide, out var spread))
        {
            device.Load(ref _copyWide, MapKernels.CopyWide);
            var quads = (int)(y.Elements / Float4.Count);
            _copyWide(device.Stream, device.Cover(quads), source, target, wide, spread, quads);
        }
        else
        {
            device.Load(ref _copy, MapKernels.CopyStrided);
            var layout = MapLayout.Of(axes);
            foreach (var block in new OuterBlocks(axes))
            {
                _copy(device.Stream, device.Cover(block.Elements), source.SubView(block.Offset(1)), target.SubView(block.Offset(0)), layout, block.Elements);
            }
        }

        GC.KeepAlive(x.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    public void OneHot(View labels, View y)
    {
        if (y.Elements == 0)
        {
            return;
        }

        device.Load(ref _oneHot, MapKernels.OneHot);
        var positions = ((GpuBuffer)labels.Buffer).Ints.SubView(labels.Offset);
        var target = ((GpuBuffer)y.Buffer).Floats.SubView(y.Offset);
        _oneHot(device.Stream, device.Cover(y.Elements), positions, target, y.Shape[1], (int)y.Elements);
        GC.KeepAlive(labels.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    private void Map<TFunction>(in View a, in View b, in View y, float s = 0)
        where TFunction : struct, IMapFunction
    {
        var axes = Merged(a, b, y);
        if (axes.Rank == 0)
        {
            return;
        }

        if (!_launches.TryGetValue(typeof(TFunction), out var launch))
        {
            _launches[typeof(TFunction)] = launch = new MapLaunch<TFunction>(device);
        }

        launch.Run(axes, a, b, y, s);
        GC.KeepAlive(a.Buffer);
        GC.KeepAlive(b.Buffer);
        GC.KeepAlive(y.Buffer);
    }

    /// <summary>The axes of y, then a, then b; of rank 0 where there is nothing to do.</summary>
    private static MergedAxes Merged(in View a, in View b, in View y)
    {
        if (y.Elements == 0)
        {
            return new MergedAxes(Shape.Scalar);
        }

        var axes = new MergedAxes(y.Shape);
        axes.Add(y.Strides);
        axes.Add(a.Strides);
        axes.Add(b.Strides);
        axes.Merge(orderedBy: 0);
        return axes;
    }
}
