namespace TaaS.Kernels.Gpu;

/// <summary>
/// Matrices of which the output has the rows that the input has as columns: "across" is the output's unit axis, "down" the input's.
/// The remaining axes count the matrices. A kernel argument: plain fields only.
/// </summary>
internal struct TransposeLayout
{
    internal int Across;
    internal int Down;
    internal int InputAcross;
    internal int OutputDown;
    internal int TilesAcross;
    internal int TilesDown;
    private MapLayout _batches;

    /// <summary>Matrices of a launch.</summary>
    internal int Batches { get; private init; }

    /// <summary>
    /// The layout, where it pays to turn the axes over: the output steps by one along its innermost axis and the input along another, and neither is
    /// much shorter than a tile. Operand 0 of the axes is the output, 1 the input. At most <see cref="MapLayout.MaxRank"/> further axes.
    /// </summary>
    internal static bool TryFind(in MergedAxes axes, int edge, out TransposeLayout layout)
    {
        layout = default;
        var inner = axes.Rank - 1;
        var down = inner - 1;
        while (down >= 0 && axes.Stride(1, down) != 1)
        {
            down--;
        }

        if (down < 0 || axes.Rank - 2 > MapLayout.MaxRank || axes.InnerStride(0) != 1 || axes.InnerStride(1) == 1
            || axes.Inner < edge / 4 || axes.Length(down) < edge / 4)
        {
            return false;
        }

        axes.Without(down, inner, out var batches);
        layout = new TransposeLayout
        {
            Across = (int)axes.Inner,
            Down = (int)axes.Length(down),
            InputAcross = (int)axes.InnerStride(1),
            OutputDown = (int)axes.Stride(0, down),
            TilesAcross = (int)((axes.Inner + edge - 1) / edge),
            TilesDown = (int)((axes.Length(down) + edge - 1) / edge),
            _batches = MapLayout.Of(batches),
            Batches = (int)(batches.Rows * batches.Inner),
        };
        return true;
    }

    /// <summary>Where a matrix lies among the axes that count them.</summary>
    internal readonly AxisPosition Position(int batch) => _batches.Position(batch);

    /// <summary>Where a matrix of the input begins.</summary>
    internal readonly int Input(in AxisPosition batch) => _batches.First.Offset(batch);

    /// <summary>Where a matrix of the output begins.</summary>
    internal readonly int Output(in AxisPosition batch) => _batches.Result.Offset(batch);
}
