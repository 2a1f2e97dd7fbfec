namespace TaaS.Kernels.Cpu;

/// <summary>Where a convolution's pixels go: grid pixel (i, j) of filter f to row FirstRow + i·RowStep, column FirstColumn + j·ColumnStep of plane f, then bias and activation.</summary>
internal unsafe struct ImageTarget
{
    /// <summary>Images [N, groups·filters, Height, Width].</summary>
    internal float* Images;

    /// <summary>Rows of an image.</summary>
    internal int Height;

    /// <summary>Columns of an image.</summary>
    internal int Width;

    /// <summary>Row of grid row 0.</summary>
    internal int FirstRow;

    /// <summary>Rows from one grid row to the next.</summary>
    internal int RowStep;

    /// <summary>Column of grid column 0.</summary>
    internal int FirstColumn;

    /// <summary>Columns from one grid column to the next.</summary>
    internal int ColumnStep;

    /// <summary>Columns of the grid.</summary>
    internal int GridColumns;

    /// <summary>Number of groups.</summary>
    internal int Groups;

    /// <summary>A bias for each filter of every group, or null.</summary>
    internal float* Bias;

    /// <summary>Negative results become 0.</summary>
    internal bool Relu;

    /// <summary>Stores a block [rows·GridColumns, filters] of one image and group.</summary>
    internal readonly void Store(float* block, nint blockStep, int image, int group, int firstRow, int rows, int filters)
    {
        nint area = (nint)Height * Width;
        var to = Images + ((nint)image * Groups + group) * filters * area;
        if (RowStep != 1 || ColumnStep != 1 || GridColumns != Width)
        {
            Scatter(block, blockStep, to, firstRow, rows, filters);
            return;
        }

        var pixels = rows * GridColumns;
        to += (nint)firstRow * Width;
        Transposition.Run(block, blockStep, to, area, pixels, filters, false);
        if (Bias is null && !Relu)
        {
            return;
        }

        for (var filter = 0; filter < filters; filter++, to += area)
        {
            Epilogue.AddConstant(to, Bias is null ? 0 : Bias[group * filters + filter], pixels, Relu);
        }
    }

    /// <summary>Pixels of one phase of a strided gradient; those have neither bias nor activation.</summary>
    private readonly void Scatter(float* block, nint blockStep, float* to, int firstRow, int rows, int filters)
    {
        for (var filter = 0; filter < filters; filter++, to += (nint)Height * Width)
        {
            var from = block + filter;
            for (var row = firstRow; row < firstRow + rows; row++)
            {
                var line = to + (nint)(FirstRow + row * RowStep) * Width + FirstColumn;
                for (var column = 0; column < GridColumns; column++, from += blockStep)
                {
                    line[column * ColumnStep] = *from;
                }
            }
        }
    }
}
