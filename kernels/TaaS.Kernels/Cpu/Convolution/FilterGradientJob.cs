namespace TaaS.Kernels.Cpu;

/// <summary>
/// The gradient of the filters: for every element of a patch and every filter, the sum over images and pixels of x · dy.
/// A part is some elements of the patch (and, where those are few, some filters) over all images, so no two parts add to one number
/// and the order of the sum never depends on the threads.
/// </summary>
internal unsafe struct FilterGradientJob : IParallelJob
{
    private readonly Microkernel _kernel;
    private readonly PanelCut _cut;
    private readonly int _groups;
    private readonly int _channels;
    private readonly int _area;
    private readonly EvenCut _tiles;
    private readonly EvenCut _rowParts;
    private readonly EvenCut _columnParts;
    private readonly EvenCut _depths;

    internal FilterGradientJob(Microkernel kernel, in PatchAxis rows, in PatchAxis columns, int groups, int channels, int filters)
    {
        _kernel = kernel;
        _cut = new PanelCut(kernel, filters);
        (_groups, _channels, _area) = (groups, channels, rows.Grid * columns.Grid);
        Patches = new Patches(rows, columns, channels, rows.Grid);
        _tiles = EvenCut.ByLength(Patches.Length, kernel.MaxRows);
        var parts = Math.Max((2 * CpuPool.Threads + groups - 1) / groups, 1);
        _rowParts = new EvenCut(_tiles.Count, Math.Min(_tiles.Count, parts));
        _columnParts = new EvenCut(_cut.Count, _tiles.Count < 2 * parts ? _cut.Count : 1);
        _depths = EvenCut.ByLength(_area, Microkernel.BlockK);
    }

    /// <summary>How images are read.</summary>
    internal Patches Patches { get; }

    /// <summary>Number of parts.</summary>
    internal readonly int Parts => _groups * _rowParts.Count * _columnParts.Count;

    /// <summary>Floats of one image's packed gradient.</summary>
    internal readonly long PackedFloats => (long)_groups * PanelStep * _cut.Count;

    /// <summary>Floats of one image's padded copy.</summary>
    internal readonly long CopyFloats => Patches.InPlace ? 0 : _groups * Patches.CopyFloats;

    /// <summary>Floats of the sums of all groups.</summary>
    internal readonly long SumFloats => (long)_groups * Patches.Length * SumStep;

    /// <summary>Images x [N, groups·channels, H, W].</summary>
    internal float* Source { get; set; }

    /// <summary>Gradients dy [N, groups·filters, H', W'].</summary>
    internal float* Gradient { get; set; }

    /// <summary>Images of this round, after <see cref="Source"/>.</summary>
    internal int Images { get; set; }

    /// <summary>Padded copies of the round's images.</summary>
    internal float* Copies { get; set; }

    /// <summary>Packed gradients of the round's images.</summary>
    internal float* Packed { get; set; }

    /// <summary>Σ dy over the pixels for [image, filter] of the round, or null.</summary>
    internal double* BiasSums { get; set; }

    /// <summary>Sums so far, [groups, patch, filters].</summary>
    internal float* Sums { get; set; }

    /// <summary>Whether the sums hold anything yet.</summary>
    internal bool Accumulate { get; set; }

    /// <summary>Offsets of a patch's elements.</summary>
    internal int* Taps { get; set; }

    /// <summary>Offsets of an image's pixels.</summary>
    internal int* Pixels { get; set; }

    private readonly nint PanelStep => (nint)_cut.Width * _area;

    private readonly nint SumStep => _cut.Width * _cut.Count;

    private readonly int Filters => _cut.Columns;

    /// <summary>Pads one image and packs its gradient for one group.</summary>
    internal readonly void Prepare(int index)
    {
        int image = index / _groups, group = index % _groups;
        if (!Patches.InPlace)
        {
            Patches.Open(Planes(image, group), 0, Patches.BlockRows, Copy(image, group));
        }

        var gradient = Gradient + ((nint)image * _groups + group) * Filters * _area;
        for (var panel = 0; panel < _cut.Count; panel++)
        {
            Panels.Pack(gradient + (nint)panel * _cut.Width * _area, 1, _area, _area, _cut.ColumnsOf(panel), _cut.RowOf(panel), Panel(image, group, panel), 1);
        }

        if (BiasSums is null)
        {
            return;
        }

        for (var filter = 0; filter < Filters; filter++)
        {
            BiasSums[((nint)image * _groups + group) * Filters + filter] = SimdSum.Of(gradient + (nint)filter * _area, _area);
        }
    }

    /// <inheritdoc/>
    public readonly void Execute(int index)
    {
        int columnPart = index % _columnParts.Count, rowPart = index / _columnParts.Count % _rowParts.Count, group = index / _columnParts.Count / _rowParts.Count;
        int firstTile = _rowParts.Start(rowPart), endTile = _rowParts.Start(rowPart + 1);
        int firstPanel = _columnParts.Start(columnPart), endPanel = _columnParts.Start(columnPart + 1);
        var sums = Sums + group * Patches.Length * SumStep;
        for (var image = 0; image < Images; image++)
        {
            var left = Patches.InPlace ? Patches.Open(Planes(image, group), 0, Patches.BlockRows, null) : Copy(image, group);
            for (var depth = 0; depth < _depths.Count; depth++)
            {
                int pixel = _depths.Start(depth), length = _depths.LengthOf(depth);
                var add = Accumulate || image > 0 || depth > 0;
                for (var panel = firstPanel; panel < endPanel; panel++)
                {
                    var right = Panel(image, group, panel) + (nint)pixel * _cut.RowOf(panel);
                    for (var tile = firstTile; tile < endTile; tile++)
                    {
                        var top = _tiles.Start(tile);
                        _kernel.Tile(_tiles.LengthOf(tile), _cut.VectorsOf(panel))(left, Taps + top, Pixels + pixel, right, length, sums + top * SumStep + panel * _cut.Width, SumStep, add, null, 0);
                    }
                }
            }
        }
    }

    /// <summary>Writes the sums to dw [groups·filters, patch].</summary>
    internal readonly void Store(float* dw)
    {
        for (var group = 0; group < _groups; group++)
        {
            Transposition.Run(Sums + group * Patches.Length * SumStep, SumStep, dw + (nint)group * Filters * Patches.Length, Patches.Length, Patches.Length, Filters, false);
        }
    }

    private readonly float* Planes(int image, int group) => Source + ((nint)image * _groups + group) * _channels * Patches.Rows.Length * Patches.Columns.Length;

    private readonly float* Copy(int image, int group) => Copies + ((nint)image * _groups + group) * (nint)Patches.CopyFloats;

    private readonly float* Panel(int image, int group, int panel) => Packed + (((nint)image * _groups + group) * _cut.Count + panel) * PanelStep;
}
