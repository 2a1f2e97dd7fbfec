using ILGPU;
using ILGPU.Runtime;

namespace TaaS.Kernels.Gpu;

/// <summary>2-D convolution of our own: implicit products without an im2col buffer, all directions on the tiles of <see cref="ProductKernels"/>; only what is read and written differs.</summary>
internal sealed class GpuConvolution(GpuDevice device, Products products) : IConvolutionKernels
{
    private readonly GpuScratch _filters = new(device);
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, FilterLayout>? _arrange;
    private Action<AcceleratorStream, KernelConfig, ArrayView<float>, ArrayView<float>, BiasShape>? _biasGradient;

    public void Forward(View x, View w, View? bias, View y, Conv2dGeometry geometry, FusedActivation activation)
    {
        if (y.Elements == 0)
        {
            return;
        }

        int filters = w.Shape[0] / geometry.Groups, terms = w.Shape[1] * w.Shape[2] * w.Shape[3];
        var (rows, columns) = ForwardTaps(w.Shape, geometry);
        var patches = PatchOperand.Of(x, geometry.Groups, rows, columns);
        patches.Lines = PatchWalk.Pixels(x.Shape, y.Shape[2], geometry.StrideH, y.Shape[3], geometry.StrideW);
        patches.Terms = PatchWalk.Taps(x.Shape, w.Shape[1], rows, columns);
        var target = ImageTarget.Of(y, geometry.Groups, (0, 1, y.Shape[2]), (0, 1, y.Shape[3]));
        target.Relu = activation == FusedActivation.Relu ? 1 : 0;
        if (bias is { } shift)
        {
            target.Bias = Floats(shift);
            target.HasBias = 1;
        }

        var side = MatrixSide.Of(((GpuBuffer)w.Buffer).Floats, w.Offset, filters, terms, terms, geometry.Groups, (long)filters * terms);
        Run(side, patches, target, terms, geometry.Groups);
        KeepAlive(x, w, y);
        GC.KeepAlive(bias?.Buffer);
    }

    public void BackwardData(View dy, View w, View dx, Conv2dGeometry geometry)
    {
        if (dx.Elements == 0)
        {
            return;
        }

        // A filter's taps fall into phases, one for each position of the input between two strides: every phase is a dense product.
        int height = dx.Shape[2], width = dx.Shape[3];
        for (var row = 0; row < Math.Min(geometry.StrideH, height); row++)
        for (var column = 0; column < Math.Min(geometry.StrideW, width); column++)
        {
            var rows = AxisTaps.Backward(row, w.Shape[2], geometry.StrideH, geometry.PadH, geometry.DilationH);
            var columns = AxisTaps.Backward(column, w.Shape[3], geometry.StrideW, geometry.PadW, geometry.DilationW);
            int gridRows = (height - row + geometry.StrideH - 1) / geometry.StrideH, gridColumns = (width - column + geometry.StrideW - 1) / geometry.StrideW;
            var patches = PatchOperand.Of(dy, geometry.Groups, rows, columns);
            patches.Lines = PatchWalk.Pixels(dy.Shape, gridRows, 1, gridColumns, 1);
            patches.Terms = PatchWalk.Taps(dy.Shape, w.Shape[0] / geometry.Groups, rows, columns);
            var layout = FilterLayout.Of(w.Shape, geometry.Groups, rows, columns);
            var target = ImageTarget.Of(dx, geometry.Groups, (row, geometry.StrideH, gridRows), (column, geometry.StrideW, gridColumns));
            var side = MatrixSide.Of(Arrange(w, layout), 0, layout.Channels, layout.Pitch, layout.Pitch, geometry.Groups, (long)layout.Channels * layout.Pitch);
            Run(side, patches, target, layout.Terms, geometry.Groups);
        }

        KeepAlive(dy, w, dx);
    }

    public void BackwardFilter(View x, View dy, View dw, View? dbias, Conv2dGeometry geometry)
    {
        if (dy.Elements == 0 || dw.Elements == 0)
        {
            Clear(dw);
        }
        else
        {
            FilterGradient(x, dy, dw, geometry);
        }

        if (dbias is { Elements: > 0 } shift)
        {
            BiasGradient(dy, shift);
        }
    }

    private void FilterGradient(in View x, in View dy, in View dw, Conv2dGeometry geometry)
    {
        int filters = dw.Shape[0] / geometry.Groups, terms = dw.Shape[1] * dw.Shape[2] * dw.Shape[3], area = dy.Shape[2] * dy.Shape[3];
        var (rows, columns) = ForwardTaps(dw.Shape, geometry);
        var patches = PatchOperand.Of(x, geometry.Groups, rows, columns);
        patches.Lines = PatchWalk.Taps(x.Shape, dw.Shape[1], rows, columns);
        patches.Terms = PatchWalk.Pixels(x.Shape, dy.Shape[2], geometry.StrideH, dy.Shape[3], geometry.StrideW);
        var planes = new PlanesOperand
        {
            Images = Floats(dy),
            Area = area,
            ImageStep = dy.Shape[1] * area,
            ImageCount = dy.Shape[0],
            Lines = filters,
            Aligned = IsAligned(dy.Offset | (long)area),
        };
        var target = new MatrixTarget
        {
            Result = Floats(dw),
            Bias = Floats(dw),
            Rows = filters,
            Columns = terms,
            RowStep = terms,
            BatchStep = filters * terms,
            Alpha = 1,
            Aligned = IsAligned(dw.Offset | (long)terms),
        };
        products.Run(planes, patches, target, filters, terms, patches.Terms.Length, geometry.Groups);
        KeepAlive(x, dy, dw);
    }

    private void BiasGradient(in View dy, in View dbias)
    {
        if (dy.Elements == 0)
        {
            Clear(dbias);
            return;
        }

        // As many groups as keep the device busy, each with whole images.
        const int groupsPerMultiprocessor = 4;
        int images = dy.Shape[0], filters = dy.Shape[1], area = dy.Shape[2] * dy.Shape[3];
        var parts = Math.Clamp(device.Accelerator.NumMultiprocessors * groupsPerMultiprocessor / filters, 1, images);
        var shape = new BiasShape { Images = images, Filters = filters, Area = area, PartImages = (images + parts - 1) / parts, Aligned = IsAligned(dy.Offset | (long)area) };
        parts = (images + shape.PartImages - 1) / shape.PartImages;
        device.Load(ref _biasGradient, ConvolutionKernels.BiasGradient);
        ArrayView<float> gradient = Floats(dy), result = Floats(dbias);
        var config = new KernelConfig(filters * parts, device.GroupSize);
        if (parts == 1)
        {
            _biasGradient(device.Stream, config, gradient, result, shape);
        }
        else
        {
            var (sums, partsShape) = products.PartsOf(parts, 1, filters, 1);
            shape.Pitch = partsShape.RowQuads * Float4.Count;
            _biasGradient(device.Stream, config, gradient, sums, shape);
            products.AddParts(sums, new MatrixTarget { Result = result, Bias = result, Rows = 1, Columns = filters, Alpha = 1, Aligned = IsAligned(dbias.Offset) }, partsShape);
        }

        GC.KeepAlive(dy.Buffer);
        GC.KeepAlive(dbias.Buffer);
    }

    private void Run(in MatrixSide filters, in PatchOperand patches, in ImageTarget target, int terms, int groups)
    {
        if (filters.IsWhole(termsTogether: true))
        {
            products.Run(new TermsOperand<WholeEdge>(filters), patches, target, target.Rows, target.Columns, terms, groups);
        }
        else
        {
            products.Run(new TermsOperand<GuardedEdge>(filters), patches, target, target.Rows, target.Columns, terms, groups);
        }
    }

    private ArrayView<float> Arrange(in View w, in FilterLayout layout)
    {
        var arranged = _filters.Floats(layout.Length);
        if (layout.Length > 0)
        {
            device.Load(ref _arrange, ConvolutionKernels.ArrangeFilters);
            _arrange(device.Stream, device.Cover(layout.Length), Floats(w), arranged, layout);
        }

        return arranged;
    }

    private void Clear(in View view)
    {
        if (view.Elements > 0)
        {
            Floats(view).SubView(0, view.Elements).MemSetToZero(device.Stream);
            GC.KeepAlive(view.Buffer);
        }
    }

    private static (AxisTaps Rows, AxisTaps Columns) ForwardTaps(in Shape w, Conv2dGeometry geometry) =>
        (AxisTaps.Forward(w[2], geometry.PadH, geometry.DilationH), AxisTaps.Forward(w[3], geometry.PadW, geometry.DilationW));

    /// <summary>The view's elements, from its first on.</summary>
    private static ArrayView<float> Floats(in View view) => ((GpuBuffer)view.Buffer).Floats.SubView(view.Offset);

    private static int IsAligned(long steps) => steps % Float4.Count == 0 ? 1 : 0;

    private static void KeepAlive(in View first, in View second, in View third)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
    }
}
