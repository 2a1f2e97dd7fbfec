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

/// <summary>Packs the right operand: a panel holds, for each k in turn, its columns side by side.</summary>
internal static unsafe class Panels
{
    /// <summary>Packs one panel. <paramref name="from"/> is the panel's element (k = 0, column 0).</summary>
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
        if (columns == 16 && row == 16)
        {
            // The usual panel: as two vectors of eight, or one of sixteen where there is one.
            for (var i = 0; i < k; i++, from += kStep, to += 16)
            {
                Unsafe.CopyBlockUnaligned(to, from, 64);
            }

            return;
        }

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
