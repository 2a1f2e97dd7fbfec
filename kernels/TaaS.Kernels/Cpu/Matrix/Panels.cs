using System.Runtime.CompilerServices;

namespace TaaS.Kernels.Cpu;

/// <summary>How the columns of a right operand are cut into panels of whole vectors; only the last panel may be narrower.</summary>
internal readonly struct PanelCut
{
    private readonly int _lanes;

    internal PanelCut(Microkernel kernel, int columns)
    {
        Columns = columns;
        _lanes = kernel.Lanes;
        Width = kernel.PanelVectors(columns) * _lanes;
        Count = (columns + Width - 1) / Width;
    }

    /// <summary>Columns of the operand.</summary>
    internal int Columns { get; }

    /// <summary>Columns of every panel but perhaps the last.</summary>
    internal int Width { get; }

    /// <summary>Number of panels.</summary>
    internal int Count { get; }

    /// <summary>Columns of a panel that exist in the operand.</summary>
    internal int ColumnsOf(int panel) => Math.Min(Width, Columns - panel * Width);

    /// <summary>Vectors of a panel; columns beyond the operand are zero.</summary>
    internal int VectorsOf(int panel) => (ColumnsOf(panel) + _lanes - 1) / _lanes;

    /// <summary>Floats of a packed row of a panel.</summary>
    internal int RowOf(int panel) => VectorsOf(panel) * _lanes;
}

/// <summary>Packs operands in the order in which the tiles read them.</summary>
internal static unsafe class Panels
{
    /// <summary>Floats that <see cref="PackTile"/> may write past its end where k is the dense axis.</summary>
    internal const int Overrun = 8;

    /// <summary>
    /// Packs a tile's rows of the left operand: for each k in turn the rows side by side, <paramref name="step"/> floats apart.
    /// <paramref name="rowsBelow"/> counts the rows of the matrix from the tile's first.
    /// </summary>
    internal static void PackTile(float* from, nint rowStep, nint kStep, int rows, int rowsBelow, int k, int step, float* to)
    {
        if (kStep == 1)
        {
            Transposition.Interleave(from, rowStep, rows, k, to, step);
            return;
        }

        if (rowStep == 1 && rowsBelow >= Overrun && step <= Overrun)
        {
            // Whole vectors, each overwriting what the one before wrote too much; the last line is taken exactly.
            for (; k > 1; k--, from += kStep, to += step)
            {
                Unsafe.CopyBlockUnaligned(to, from, Overrun * sizeof(float));
            }
        }

        for (var i = 0; i < k; i++, from += kStep, to += step)
        {
            for (var row = 0; row < rows; row++)
            {
                to[row] = from[row * rowStep];
            }
        }
    }

    /// <summary>
    /// Packs neighbouring panels of a right operand whose columns lie side by side, all of <paramref name="row"/> columns.
    /// Taking a line of several panels at a time visits each of the operand's pages once.
    /// </summary>
    internal static void PackSeveral(float* from, nint kStep, int k, int row, int panels, float* to, nint panelStep)
    {
        for (var i = 0; i < k; i++, from += kStep, to += row)
        {
            var source = from;
            var target = to;
            for (var panel = 0; panel < panels; panel++, source += row, target += panelStep)
            {
                if (row == 16)
                {
                    // The usual width: two vectors of eight, or one of sixteen where there is one.
                    Unsafe.CopyBlockUnaligned(target, source, 64);
                }
                else
                {
                    new ReadOnlySpan<float>(source, row).CopyTo(new Span<float>(target, row));
                }
            }
        }
    }

    /// <summary>Packs one panel of the right operand: for each k in turn its columns side by side. <paramref name="from"/> is the panel's element (k = 0, column 0).</summary>
    internal static void Pack(float* from, nint kStep, nint columnStep, int k, int columns, int row, float* to, float scale)
    {
        if (columnStep == 1)
        {
            CopyRows(from, kStep, k, columns, row, to);
        }
        else
        {
            TransposeColumns(from, kStep, columnStep, k, columns, row, to);
        }

        if (scale != 1)
        {
            for (nint i = 0; i < (nint)k * row; i++)
            {
                to[i] *= scale;
            }
        }
    }

    private static void CopyRows(float* from, nint kStep, int k, int columns, int row, float* to)
    {
        for (var i = 0; i < k; i++, from += kStep, to += row)
        {
            new ReadOnlySpan<float>(from, columns).CopyTo(new Span<float>(to, columns));
            for (var j = columns; j < row; j++)
            {
                to[j] = 0;
            }
        }
    }

    private static void TransposeColumns(float* from, nint kStep, nint columnStep, int k, int columns, int row, float* to)
    {
        if (kStep == 1)
        {
            Transposition.Run(from, columnStep, to, row, columns, k, false);
        }
        else
        {
            for (var i = 0; i < k; i++)
            {
                for (var j = 0; j < columns; j++)
                {
                    to[i * row + j] = from[i * kStep + j * columnStep];
                }
            }
        }

        if (columns != row)
        {
            for (var i = 0; i < k; i++)
            {
                new Span<float>(to + i * row + columns, row - columns).Clear();
            }
        }
    }
}
