namespace TaaS.Kernels.Cpu;

/// <summary>
/// Images by packed filters: the forward pass, and the gradient of the input as a convolution of the output's gradient.
/// A part is a block of pixel rows of one image and group; it multiplies patches (left operand) by filters (right operand)
/// and stores the block turned around, since images keep their pixels, not their channels, side by side.
/// </summary>
internal unsafe struct ConvolveJob : IParallelJob
{
    private const int ResultFloats = 16 * 1024;
    private const int FewestPixels = 144;

    private readonly Microkernel _kernel;
    private readonly PanelCut _cut;
    private readonly int _groups;
    private readonly int _channels;
    private readonly EvenCut _blocks;
    private readonly EvenCut _depths;

    internal ConvolveJob(Microkernel kernel, in PatchAxis rows, in PatchAxis columns, int images, int groups, int channels, int filters)
    {
        _kernel = kernel;
        _cut = new PanelCut(kernel, filters);
        (_groups, _channels) = (groups, channels);
        var pixels = Math.Max(ResultFloats / (_cut.Width * _cut.Count), FewestPixels);
        var blocks = Math.Max((rows.Grid * columns.Grid + pixels - 1) / pixels, (2 * CpuPool.Threads + images * groups - 1) / Math.Max(images * groups, 1));
        _blocks = new EvenCut(rows.Grid, Math.Clamp(blocks, 1, Math.Max(rows.Grid, 1)));
        Patches = new Patches(rows, columns, channels, _blocks.LengthOf(0));
        _depths = EvenCut.ByLength(Patches.Length, Microkernel.BlockK);
        Parts = images * groups * _blocks.Count;
    }

    /// <summary>How images are read.</summary>
    internal Patches Patches { get; }

    /// <summary>Number of parts.</summary>
    internal int Parts { get; }

    /// <summary>Panels of all groups.</summary>
    internal readonly int Panels => _groups * _cut.Count;

    /// <summary>Floats of all packed filters.</summary>
    internal readonly long PanelFloats => (long)Panels * _cut.Width * Patches.Length;

    /// <summary>Images [N, groups·channels, H, W].</summary>
    internal float* Source { get; set; }

    /// <summary>Packed filters, see <see cref="PackFilters"/>.</summary>
    internal float* Filters { get; set; }

    /// <summary>Offsets of a patch's elements.</summary>
    internal int* Taps { get; set; }

    /// <summary>Offsets of a block's pixels.</summary>
    internal int* Pixels { get; set; }

    /// <summary>Where the pixels go.</summary>
    internal ImageTarget Target { get; set; }

    /// <summary>
    /// Packs one panel of the filters: element t of a group's filter f lies at
    /// <c>weights + group·groupStep + f·filterStep + offsets[t]</c>.
    /// </summary>
    internal readonly void PackFilters(int index, float* weights, nint groupStep, nint filterStep, int* offsets)
    {
        int group = index / _cut.Count, panel = index % _cut.Count, columns = _cut.ColumnsOf(panel), row = _cut.RowOf(panel);
        var from = weights + group * groupStep + panel * _cut.Width * filterStep;
        var to = Panel(group, panel);
        for (var column = 0; column < row; column++)
        {
            for (var t = 0; t < Patches.Length; t++)
            {
                to[(nint)t * row + column] = column < columns ? from[column * filterStep + offsets[t]] : 0;
            }
        }
    }

    /// <inheritdoc/>
    public readonly void Execute(int index)
    {
        int block = index % _blocks.Count, group = index / _blocks.Count % _groups, image = index / _blocks.Count / _groups;
        int firstRow = _blocks.Start(block), rows = _blocks.LengthOf(block), pixels = rows * Patches.Columns.Grid;
        var planes = Source + ((nint)image * _groups + group) * _channels * Patches.Rows.Length * Patches.Columns.Length;
        var left = Patches.Open(planes, firstRow, rows, Patches.InPlace ? null : Scratch.Floats(ScratchSlot.Images, Patches.CopyFloats));
        nint step = _cut.Width * _cut.Count;
        var result = Scratch.Floats(ScratchSlot.ResultBlock, pixels * step);
        var tiles = EvenCut.ByLength(pixels, _kernel.MaxRows);
        for (var depth = 0; depth < _depths.Count; depth++)
        {
            int t = _depths.Start(depth), length = _depths.LengthOf(depth);
            for (var panel = 0; panel < _cut.Count; panel++)
            {
                var vectors = _cut.VectorsOf(panel);
                var right = Panel(group, panel) + (nint)t * _cut.RowOf(panel);
                for (var tile = 0; tile < tiles.Count; tile++)
                {
                    var top = tiles.Start(tile);
                    _kernel.Tile(tiles.LengthOf(tile), vectors)(left, Pixels + top, Taps + t, right, length, result + top * step + panel * _cut.Width, step, depth > 0, null, 0);
                }
            }
        }

        Target.Store(result, step, image, group, firstRow, rows, _cut.Columns);
    }

    private readonly float* Panel(int group, int panel) => Filters + ((nint)group * _cut.Count + panel) * _cut.Width * Patches.Length;
}
