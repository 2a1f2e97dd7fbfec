namespace TaaS.Kernels.Gpu;

/// <summary>Filters [K, C/groups, R, S] turned into lines of one channel each, [groups, C/groups, K/groups, rows, columns], with only the taps that count. A kernel argument: plain fields only.</summary>
internal struct FilterLayout
{
    internal int Groups;

    /// <summary>Channels of a group.</summary>
    internal int Channels;

    /// <summary>Filters of a group.</summary>
    internal int Filters;

    /// <summary>Rows of a filter.</summary>
    internal int FilterRows;

    /// <summary>Columns of a filter.</summary>
    internal int FilterColumns;

    /// <summary>Rows that count: how many, the first, and from one to the next.</summary>
    internal int Rows;

    internal int FirstRow;
    internal int EveryRow;

    /// <summary>Columns that count: how many, the first, and from one to the next.</summary>
    internal int Columns;

    internal int FirstColumn;
    internal int EveryColumn;

    /// <summary>Elements of a line, filled up to whole panels.</summary>
    internal int Pitch;

    internal static FilterLayout Of(in Shape w, int groups, in AxisTaps rows, in AxisTaps columns)
    {
        var layout = new FilterLayout
        {
            Groups = groups,
            Channels = w[1],
            Filters = w[0] / groups,
            FilterRows = w[2],
            FilterColumns = w[3],
            Rows = rows.Count,
            FirstRow = rows.First,
            EveryRow = rows.Every,
            Columns = columns.Count,
            FirstColumn = columns.First,
            EveryColumn = columns.Every,
        };
        layout.Pitch = (layout.Terms + WholeEdge.TermsMultiple - 1) / WholeEdge.TermsMultiple * WholeEdge.TermsMultiple;
        return layout;
    }

    /// <summary>Elements of a line that count.</summary>
    internal readonly int Terms => Filters * Rows * Columns;

    internal readonly int Length => Groups * Channels * Pitch;

    /// <summary>Where an element comes from, or −1 beyond the end of its line.</summary>
    internal readonly int Source(int line, int term)
    {
        if (term >= Terms)
        {
            return -1;
        }

        int group = line / Channels, channel = line % Channels, column = term % Columns, rest = term / Columns;
        int row = rest % Rows, filter = group * Filters + rest / Rows;
        return ((filter * Channels + channel) * FilterRows + FirstRow + row * EveryRow) * FilterColumns + FirstColumn + column * EveryColumn;
    }
}
