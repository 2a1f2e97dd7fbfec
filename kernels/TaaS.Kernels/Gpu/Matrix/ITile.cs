namespace TaaS.Kernels.Gpu;

/// <summary>
/// The part of a product that one group computes, and how its threads share it. A struct without fields, so that every kernel is compiled for its own tile:
/// the same source runs with hundreds of threads on a GPU and with eight on the emulator.
/// </summary>
internal interface ITile
{
    /// <summary>Rows of the result.</summary>
    static abstract int Rows { get; }

    /// <summary>Columns of the result.</summary>
    static abstract int Columns { get; }

    /// <summary>Terms of the sums that lie in shared memory at a time; a multiple of 4.</summary>
    static abstract int Depth { get; }

    /// <summary>Rows, and columns, that one thread holds in registers.</summary>
    static abstract int Side { get; }

    /// <summary>Neighbouring threads along a row before the next row of threads begins: a warp covers a patch, so that its threads share what they read.</summary>
    static abstract int PatchColumns { get; }

    /// <summary>Groups that a multiprocessor should hold at a time; bounds the registers of a thread.</summary>
    static abstract int Resident { get; }
}

/// <summary>What follows from a tile's numbers.</summary>
internal static class Tile<TTile>
    where TTile : struct, ITile
{
    internal static int Threads => TTile.Rows / TTile.Side * (TTile.Columns / TTile.Side);

    /// <summary>Column, and row, of a thread among the threads of the tile. <see cref="Patch"/> threads make a patch; patches lie row-major.</summary>
    internal static (int Row, int Column) Place(int thread)
    {
        var across = TTile.Columns / TTile.Side / TTile.PatchColumns;
        int patch = thread / Patch, inside = thread % Patch;
        return (patch / across * PatchRows + inside / TTile.PatchColumns, patch % across * TTile.PatchColumns + inside % TTile.PatchColumns);
    }

    private const int PatchRows = 4;

    private static int Patch => PatchRows * TTile.PatchColumns;
}

/// <summary>Sixty-four sums a thread: 16 multiply-adds for each 16-byte read of shared memory.</summary>
internal readonly struct Tile128 : ITile
{
    public static int Rows => 128;

    public static int Columns => 128;

    public static int Depth => 8;

    public static int Side => 8;

    public static int PatchColumns => 8;

    public static int Resident => 2;
}

/// <summary>As much work a thread, in groups of a quarter of the threads.</summary>
internal readonly struct Tile64 : ITile
{
    public static int Rows => 64;

    public static int Columns => 64;

    public static int Depth => 8;

    public static int Side => 8;

    public static int PatchColumns => 8;

    // With eight, a thread would have 128 registers and needs up to 135.
    public static int Resident => 7;
}

/// <summary>For results so small that larger tiles would leave most of the device idle.</summary>
internal readonly struct Tile32 : ITile
{
    public static int Rows => 32;

    public static int Columns => 32;

    public static int Depth => 8;

    public static int Side => 4;

    public static int PatchColumns => 8;

    public static int Resident => 8;
}

/// <summary>Eight threads of sixty-four sums: what the emulator can run of <see cref="Tile128"/> and <see cref="Tile64"/>.</summary>
internal readonly struct EightThreads32X16 : ITile
{
    public static int Rows => 32;

    public static int Columns => 16;

    public static int Depth => 4;

    public static int Side => 8;

    public static int PatchColumns => 2;

    public static int Resident => 1;
}

/// <summary>Eight threads of sixteen sums: what the emulator can run of <see cref="Tile32"/>.</summary>
internal readonly struct EightThreads16X8 : ITile
{
    public static int Rows => 16;

    public static int Columns => 8;

    public static int Depth => 8;

    public static int Side => 4;

    public static int PatchColumns => 2;

    public static int Resident => 1;
}
