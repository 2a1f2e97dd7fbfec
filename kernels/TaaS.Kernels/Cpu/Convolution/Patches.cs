namespace TaaS.Kernels.Cpu;

/// <summary>
/// The patches that a filter sees, as offsets into images: element t of pixel p's patch lies at <c>base + pixels[p] + taps[t]</c>.
/// This is what lets a register tile read images directly, without the im2col matrix (implicit GEMM: Chetlur et al. 2014, arXiv:1410.0759).
/// Images that a filter leaves at the border are first copied, a few rows at a time, with their padding.
/// </summary>
internal readonly unsafe struct Patches
{
    private readonly int _channels;
    private readonly int _lineStep;
    private readonly int _planeStep;

    /// <param name="rows">Vertical axis.</param>
    /// <param name="columns">Horizontal axis.</param>
    /// <param name="channels">Channels a filter reads.</param>
    /// <param name="blockRows">Most pixel rows handled at once.</param>
    internal Patches(in PatchAxis rows, in PatchAxis columns, int channels, int blockRows)
    {
        (Rows, Columns, BlockRows) = (rows, columns, blockRows);
        _channels = channels;
        InPlace = rows.Fits && columns.Fits;
        _lineStep = InPlace ? columns.Length : columns.Extent(columns.Grid);
        _planeStep = _lineStep * (InPlace ? rows.Length : rows.Extent(blockRows));
    }

    /// <summary>Vertical axis.</summary>
    internal PatchAxis Rows { get; }

    /// <summary>Horizontal axis.</summary>
    internal PatchAxis Columns { get; }

    /// <summary>Most pixel rows handled at once.</summary>
    internal int BlockRows { get; }

    /// <summary>Whether the images are read where they lie.</summary>
    internal bool InPlace { get; }

    /// <summary>Elements of a patch.</summary>
    internal int Length => _channels * Rows.Taps.Count * Columns.Taps.Count;

    /// <summary>Floats of a padded copy of <see cref="BlockRows"/> rows of all channels.</summary>
    internal long CopyFloats => (long)_channels * _planeStep;

    /// <summary>Offsets of a patch's elements, in the order channel, row, column.</summary>
    internal void FillTaps(int* taps)
    {
        for (var channel = 0; channel < _channels; channel++)
        for (var r = 0; r < Rows.Taps.Count; r++)
        for (var s = 0; s < Columns.Taps.Count; s++)
        {
            *taps++ = channel * _planeStep + Rows.TapOffset(r) * _lineStep + Columns.TapOffset(s);
        }
    }

    /// <summary>Offsets of the pixels of a block.</summary>
    internal void FillPixels(int* pixels)
    {
        for (var row = 0; row < BlockRows; row++)
        for (var column = 0; column < Columns.Grid; column++)
        {
            *pixels++ = row * Rows.Step * _lineStep + column * Columns.Step;
        }
    }

    /// <summary>
    /// Base address of a block's patches, of the image whose first plane is <paramref name="planes"/>:
    /// in place, or in <paramref name="copy"/>, which is then filled.
    /// </summary>
    internal float* Open(float* planes, int firstRow, int rows, float* copy)
    {
        int top = firstRow * Rows.Step + Rows.Low, left = Columns.Low;
        if (InPlace)
        {
            return planes + (nint)top * Columns.Length + left;
        }

        int lines = Rows.Extent(rows), width = _lineStep;
        int before = Math.Min(Math.Max(-left, 0), width), inside = Math.Max(Math.Min(left + width, Columns.Length) - Math.Max(left, 0), 0);
        for (var channel = 0; channel < _channels; channel++)
        {
            var source = planes + (nint)channel * Rows.Length * Columns.Length + Math.Max(left, 0);
            var target = copy + (nint)channel * _planeStep;
            for (var line = 0; line < lines; line++, target += width)
            {
                var row = top + line;
                if (row < 0 || row >= Rows.Length)
                {
                    new Span<float>(target, width).Clear();
                    continue;
                }

                new Span<float>(target, before).Clear();
                new ReadOnlySpan<float>(source + (nint)row * Columns.Length, inside).CopyTo(new Span<float>(target + before, inside));
                new Span<float>(target + before + inside, width - before - inside).Clear();
            }
        }

        return copy;
    }
}
