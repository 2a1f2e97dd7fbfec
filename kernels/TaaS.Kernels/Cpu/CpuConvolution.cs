namespace TaaS.Kernels.Cpu;

/// <summary>2-D convolution as implicit matrix products: no im2col buffer, all directions on the register tiles of <see cref="Microkernel"/>.</summary>
internal sealed unsafe class CpuConvolution(Microkernel kernel) : IConvolutionKernels
{
    // What a round of images of the filter gradient may occupy in its packed form.
    private const long RoundFloats = 4 * 1024 * 1024;

    public void Forward(View x, View w, View? bias, View y, Conv2dGeometry geometry, FusedActivation activation)
    {
        if (y.Elements == 0)
        {
            return;
        }

        var (rows, columns) = ForwardAxes(x.Shape, w.Shape, y.Shape, geometry);
        int channels = w.Shape[1], filters = w.Shape[0] / geometry.Groups;
        var job = new ConvolveJob(kernel, rows, columns, x.Shape[0], geometry.Groups, channels, filters) { Source = x.FloatPointer };
        job.Target = new ImageTarget
        {
            Images = y.FloatPointer,
            Height = y.Shape[2],
            Width = y.Shape[3],
            RowStep = 1,
            ColumnStep = 1,
            GridColumns = columns.Grid,
            Groups = geometry.Groups,
            Bias = bias is { } shift ? shift.FloatPointer : null,
            Relu = activation == FusedActivation.Relu,
        };
        var length = channels * w.Shape[2] * w.Shape[3];
        Run(job, new FilterLayout(w.FloatPointer, (nint)filters * length, length, w.Shape[2] * w.Shape[3], w.Shape[3]));
        KeepAlive(x, w, y);
        GC.KeepAlive(bias?.Buffer);
    }

    public void BackwardData(View dy, View w, View dx, Conv2dGeometry geometry)
    {
        if (dx.Elements == 0)
        {
            return;
        }

        // A filter's taps fall into phases, one for each position of the input between two strides.
        int channels = w.Shape[1], filters = w.Shape[0] / geometry.Groups, area = w.Shape[2] * w.Shape[3];
        for (var row = 0; row < Math.Min(geometry.StrideH, dx.Shape[2]); row++)
        for (var column = 0; column < Math.Min(geometry.StrideW, dx.Shape[3]); column++)
        {
            var rows = BackwardAxis(row, dx.Shape[2], dy.Shape[2], w.Shape[2], geometry.StrideH, geometry.PadH, geometry.DilationH);
            var columns = BackwardAxis(column, dx.Shape[3], dy.Shape[3], w.Shape[3], geometry.StrideW, geometry.PadW, geometry.DilationW);
            var job = new ConvolveJob(kernel, rows, columns, dy.Shape[0], geometry.Groups, filters, channels) { Source = dy.FloatPointer };
            job.Target = new ImageTarget
            {
                Images = dx.FloatPointer,
                Height = dx.Shape[2],
                Width = dx.Shape[3],
                FirstRow = row,
                RowStep = geometry.StrideH,
                FirstColumn = column,
                ColumnStep = geometry.StrideW,
                GridColumns = columns.Grid,
                Groups = geometry.Groups,
            };
            Run(job, new FilterLayout(w.FloatPointer, (nint)filters * channels * area, area, channels * area, w.Shape[3]));
        }

        KeepAlive(dy, w, dx);
    }

    public void BackwardFilter(View x, View dy, View dw, View? dbias, Conv2dGeometry geometry)
    {
        if (dy.Elements == 0 || dw.Elements == 0)
        {
            dw.Floats.Clear();
            if (dbias is { } empty)
            {
                empty.Floats.Clear();
            }

            return;
        }

        var (rows, columns) = ForwardAxes(x.Shape, dw.Shape, dy.Shape, geometry);
        int images = x.Shape[0], filters = dw.Shape[0];
        var job = new FilterGradientJob(kernel, rows, columns, geometry.Groups, dw.Shape[1], filters / geometry.Groups);
        var round = (int)Math.Clamp(RoundFloats / Math.Max(job.PackedFloats + job.CopyFloats, 1), 1, images);
        job.Packed = Scratch.Floats(ScratchSlot.SharedPanels, round * job.PackedFloats);
        job.Copies = Scratch.Floats(ScratchSlot.SharedImages, round * job.CopyFloats);
        job.Sums = Scratch.Floats(ScratchSlot.Partials, job.SumFloats);
        job.Taps = Scratch.Ints(ScratchSlot.StepOffsets, job.Patches.Length);
        job.Pixels = Scratch.Ints(ScratchSlot.RowOffsets, rows.Grid * columns.Grid);
        job.Patches.FillTaps(job.Taps);
        job.Patches.FillPixels(job.Pixels);
        var biasSums = dbias is null ? null : Scratch.Doubles(ScratchSlot.Sums, (long)images * filters);
        for (var image = 0; image < images; image += round)
        {
            job.Images = Math.Min(round, images - image);
            job.Source = x.FloatPointer + (nint)image * x.Shape[1] * x.Shape[2] * x.Shape[3];
            job.Gradient = dy.FloatPointer + (nint)image * filters * dy.Shape[2] * dy.Shape[3];
            job.BiasSums = biasSums is null ? null : biasSums + (nint)image * filters;
            job.Accumulate = image > 0;
            CpuPool.Run(job.Images * geometry.Groups, new PrepareJob(job));
            CpuPool.Run(job.Parts, job);
        }

        job.Store(dw.FloatPointer);
        if (dbias is { } shift)
        {
            AddImages(biasSums, images, shift.Floats);
        }

        KeepAlive(x, dy, dw);
        GC.KeepAlive(dbias?.Buffer);
    }

    private static (PatchAxis Rows, PatchAxis Columns) ForwardAxes(in Shape x, in Shape w, in Shape y, Conv2dGeometry geometry) =>
        (new PatchAxis(y[2], geometry.StrideH, AxisTaps.Forward(w[2], geometry.PadH, geometry.DilationH), x[2]),
            new PatchAxis(y[3], geometry.StrideW, AxisTaps.Forward(w[3], geometry.PadW, geometry.DilationW), x[3]));

    private static PatchAxis BackwardAxis(int phase, int length, int gradientLength, int filter, int stride, int pad, int dilation) =>
        new((length - phase + stride - 1) / stride, 1, AxisTaps.Backward(phase, filter, stride, pad, dilation), gradientLength);

    private static void Run(ConvolveJob job, in FilterLayout layout)
    {
        var patches = job.Patches;
        job.Taps = Scratch.Ints(ScratchSlot.StepOffsets, patches.Length);
        job.Pixels = Scratch.Ints(ScratchSlot.RowOffsets, (long)patches.BlockRows * patches.Columns.Grid);
        job.Filters = Scratch.Floats(ScratchSlot.SharedPanels, job.PanelFloats);
        patches.FillTaps(job.Taps);
        patches.FillPixels(job.Pixels);
        var offsets = Scratch.Ints(ScratchSlot.FilterOffsets, patches.Length);
        layout.FillOffsets(patches, offsets);
        CpuPool.Run(job.Panels, new PackJob(job, layout, offsets));
        CpuPool.Run(job.Parts, job);
    }

    /// <summary>Adds the sums of the images, always in the same order.</summary>
    private static void AddImages(double* sums, int images, Span<float> target)
    {
        for (var filter = 0; filter < target.Length; filter++)
        {
            double total = 0;
            for (var image = 0; image < images; image++)
            {
                total += sums[(nint)image * target.Length + filter];
            }

            target[filter] = (float)total;
        }
    }

    private static void KeepAlive(in View first, in View second, in View third)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
    }

    /// <summary>Where a filter's elements lie among the weights.</summary>
    private readonly struct FilterLayout(float* weights, nint groupStep, nint filterStep, int channelStep, int line)
    {
        internal readonly float* Weights = weights;

        internal readonly nint GroupStep = groupStep;

        internal readonly nint FilterStep = filterStep;

        /// <summary>Offsets of a filter's elements in the order of a patch's.</summary>
        internal void FillOffsets(in Patches patches, int* offsets)
        {
            AxisTaps rows = patches.Rows.Taps, columns = patches.Columns.Taps;
            var area = rows.Count * columns.Count;
            for (var t = 0; t < patches.Length; t++)
            {
                int channel = t / area, row = t % area / columns.Count, column = t % columns.Count;
                offsets[t] = channel * channelStep + (rows.First + row * rows.Every) * line + columns.First + column * columns.Every;
            }
        }
    }

    /// <summary>Packs one panel of the filters.</summary>
    private readonly struct PackJob(ConvolveJob job, FilterLayout layout, int* offsets) : IParallelJob
    {
        public void Execute(int index) => job.PackFilters(index, layout.Weights, layout.GroupStep, layout.FilterStep, offsets);
    }

    /// <summary>Prepares one image and group of the filter gradient.</summary>
    private readonly struct PrepareJob(FilterGradientJob job) : IParallelJob
    {
        public void Execute(int index) => job.Prepare(index);
    }
}
