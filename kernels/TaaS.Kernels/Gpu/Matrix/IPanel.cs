namespace TaaS.Kernels.Gpu;

/// <summary>What one operand puts into shared memory at a time: some lines (rows of the left, columns of the right operand), some terms deep.</summary>
internal interface IPanel
{
    static abstract int Lines { get; }

    static abstract int Depth { get; }

    static abstract int Threads { get; }
}

/// <summary>What follows from a panel's numbers. In shared memory the lines lie side by side, one row of the panel a term.</summary>
internal static class Panel<TPanel>
    where TPanel : struct, IPanel
{
    // Four floats more keep rows at 16-byte addresses and let a warp that stores four terms of each line meet every bank once.
    private const int Padding = 4;

    /// <summary>Floats from a term to the next.</summary>
    internal static int Pitch => TPanel.Lines + Padding;

    /// <summary>Quads of a whole panel.</summary>
    internal static int Quads => TPanel.Depth * Pitch / Float4.Count;

    /// <summary>Quads that each thread brings, at most four.</summary>
    internal static int QuadsPerThread => TPanel.Lines * TPanel.Depth / (Float4.Count * TPanel.Threads);
}

/// <summary>Rows of the left operand under a tile.</summary>
internal readonly struct LeftPanel<TTile> : IPanel
    where TTile : struct, ITile
{
    public static int Lines => TTile.Rows;

    public static int Depth => TTile.Depth;

    public static int Threads => Tile<TTile>.Threads;
}

/// <summary>Columns of the right operand under a tile.</summary>
internal readonly struct RightPanel<TTile> : IPanel
    where TTile : struct, ITile
{
    public static int Lines => TTile.Columns;

    public static int Depth => TTile.Depth;

    public static int Threads => Tile<TTile>.Threads;
}
