namespace TaaS.Kernels.Gpu;

/// <summary>
/// A row-major walk over pixels (image, row, column) or over the elements of a filter (channel, row, column), and where it leads in the image that is read:
/// outer positions lie whole planes apart, the others some rows and columns. A kernel argument: plain fields only.
/// </summary>
internal struct PatchWalk
{
    internal int Outer;
    internal int Middle;
    internal int Inner;

    /// <summary>Elements of memory between outer positions.</summary>
    internal int OuterStep;

    /// <summary>Image rows between middle positions.</summary>
    internal int RowStep;

    /// <summary>Image columns between inner positions.</summary>
    internal int ColumnStep;

    /// <summary>The pixels of a grid in every image; neighbours meet the image some rows and columns apart.</summary>
    internal static PatchWalk Pixels(in Shape images, int gridRows, int rowStep, int gridColumns, int columnStep) =>
        Over(images[0], images[1] * images[2] * images[3], gridRows, rowStep, gridColumns, columnStep);

    /// <summary>The taps of a filter over that many channels.</summary>
    internal static PatchWalk Taps(in Shape images, int channels, in AxisTaps rows, in AxisTaps columns) =>
        Over(channels, images[2] * images[3], rows.Count, rows.OffsetStep, columns.Count, columns.OffsetStep);

    internal readonly int Length => Outer * Middle * Inner;

    internal readonly PatchPosition Position(int step)
    {
        PatchPosition position;
        var rest = step / Inner;
        position.Inner = step % Inner;
        position.Middle = rest % Middle;
        position.Outer = rest / Middle;
        return position;
    }

    /// <summary>The position a step further.</summary>
    internal readonly PatchPosition Next(PatchPosition position)
    {
        var inner = position.Inner + 1;
        var lineEnds = inner == Inner;
        var middle = position.Middle + (lineEnds ? 1 : 0);
        var planeEnds = middle == Middle;
        position.Inner = lineEnds ? 0 : inner;
        position.Middle = planeEnds ? 0 : middle;
        position.Outer += planeEnds ? 1 : 0;
        return position;
    }

    /// <summary>A walk of those lengths; one of no steps is empty along its outer axis alone, since kernels divide by the others.</summary>
    private static PatchWalk Over(int outer, int outerStep, int middle, int rowStep, int inner, int columnStep) => new()
    {
        Outer = middle == 0 || inner == 0 ? 0 : outer,
        Middle = Math.Max(middle, 1),
        Inner = Math.Max(inner, 1),
        OuterStep = outerStep,
        RowStep = rowStep,
        ColumnStep = columnStep,
    };
}

/// <summary>Where a walk stands; beyond its end once the outer position is.</summary>
internal struct PatchPosition
{
    internal int Outer;
    internal int Middle;
    internal int Inner;
}
