using System.Runtime.Intrinsics;

namespace TaaS.Kernels.Cpu;

/// <summary>A family of register tiles, and the cache blocking that goes with it.</summary>
/// <remarks>
/// A tile reads its left operand through offsets, <c>a[rows[i] + ks[k]]</c>, so that matrices of either orientation and images need no repacking,
/// and its right operand from a packed panel. Every element sums over k in the same order whatever the tile's size,
/// so results do not depend on how the work was cut.
/// </remarks>
internal sealed unsafe class Microkernel
{
    private readonly delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] _tiles;
    private readonly delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] _packedTiles;
    private readonly delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] _packingTiles;
    private readonly delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] _inPlaceTiles;

    private Microkernel(int maxRows, int lanes, int maxVectors, delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] tiles, delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] packedTiles, delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] packingTiles, delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] inPlaceTiles)
    {
        MaxRows = maxRows;
        Lanes = lanes;
        MaxVectors = maxVectors;
        _tiles = tiles;
        _packedTiles = packedTiles;
        _packingTiles = packingTiles;
        _inPlaceTiles = inPlaceTiles;
    }

    /// <summary>6×16 in 256-bit registers.</summary>
    internal static Microkernel Wide256 { get; } = new(6, Vector256<float>.Count, 2, Tiles256<Count0, PackedRight>(), Tiles256<Count1, PackedRight>(), Tiles256<Count0, PackingRight>(), Tiles256<Count1, RightInPlace>());

    /// <summary>8×48 in 512-bit registers.</summary>
    internal static Microkernel Wide512 { get; } = new(8, Vector512<float>.Count, 3, Tiles512<Count0, PackedRight>(), Tiles512<Count1, PackedRight>(), Tiles512<Count0, PackingRight>(), Tiles512<Count1, RightInPlace>());

    /// <summary>What this processor runs best.</summary>
    internal static Microkernel Best { get; } = Vector512.IsHardwareAccelerated ? Wide512 : Wide256;

    /// <summary>Rows of the largest tile.</summary>
    internal int MaxRows { get; }

    /// <summary>Floats of a vector.</summary>
    internal int Lanes { get; }

    /// <summary>Vectors of the widest tile.</summary>
    internal int MaxVectors { get; }

    /// <summary>Terms summed in registers before the result is written: a panel of that depth stays in L1.</summary>
    internal static int BlockK => 512;

    /// <summary>Rows of the left operand kept in L2 while the panels pass by.</summary>
    internal static int BlockRows => 240;

    /// <summary>The tile of that size.</summary>
    internal delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void> Tile(int rows, int vectors) =>
        _tiles[(rows - 1) * MaxVectors + vectors - 1];

    /// <summary>The tile of that size for a left operand packed in tile order, <see cref="MaxRows"/> floats a term.</summary>
    internal delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void> PackedTile(int rows, int vectors) =>
        _packedTiles[(rows - 1) * MaxVectors + vectors - 1];

    /// <summary>The tile of that size that packs its right operand on the way.</summary>
    internal delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void> PackingTile(int rows, int vectors) =>
        _packingTiles[(rows - 1) * MaxVectors + vectors - 1];

    /// <summary>The tile of that size for a left operand packed in tile order and a right operand that is read where it lies.</summary>
    internal delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void> InPlaceTile(int rows, int vectors) =>
        _inPlaceTiles[(rows - 1) * MaxVectors + vectors - 1];

    /// <summary>Vectors of a panel for that many columns: as wide as possible without a thin panel at the end.</summary>
    internal int PanelVectors(int columns)
    {
        var vectors = (columns + Lanes - 1) / Lanes;
        var panels = (vectors + MaxVectors - 1) / MaxVectors;
        return panels == 0 ? 1 : (vectors + panels - 1) / panels;
    }

    private static delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] Tiles256<TTileOrder, TRight>()
        where TTileOrder : struct, ICount
        where TRight : struct, IRight =>
    [
        &Tile256.Run<Count1, Count1, TTileOrder, TRight>, &Tile256.Run<Count1, Count2, TTileOrder, TRight>,
        &Tile256.Run<Count2, Count1, TTileOrder, TRight>, &Tile256.Run<Count2, Count2, TTileOrder, TRight>,
        &Tile256.Run<Count3, Count1, TTileOrder, TRight>, &Tile256.Run<Count3, Count2, TTileOrder, TRight>,
        &Tile256.Run<Count4, Count1, TTileOrder, TRight>, &Tile256.Run<Count4, Count2, TTileOrder, TRight>,
        &Tile256.Run<Count5, Count1, TTileOrder, TRight>, &Tile256.Run<Count5, Count2, TTileOrder, TRight>,
        &Tile256.Run<Count6, Count1, TTileOrder, TRight>, &Tile256.Run<Count6, Count2, TTileOrder, TRight>,
    ];

    private static delegate*<float*, int*, int*, float*, nint, float*, nint, bool, float*, nint, void>[] Tiles512<TTileOrder, TRight>()
        where TTileOrder : struct, ICount
        where TRight : struct, IRight =>
    [
        &Tile512.Run<Count1, Count1, TTileOrder, TRight>, &Tile512.Run<Count1, Count2, TTileOrder, TRight>, &Tile512.Run<Count1, Count3, TTileOrder, TRight>,
        &Tile512.Run<Count2, Count1, TTileOrder, TRight>, &Tile512.Run<Count2, Count2, TTileOrder, TRight>, &Tile512.Run<Count2, Count3, TTileOrder, TRight>,
        &Tile512.Run<Count3, Count1, TTileOrder, TRight>, &Tile512.Run<Count3, Count2, TTileOrder, TRight>, &Tile512.Run<Count3, Count3, TTileOrder, TRight>,
        &Tile512.Run<Count4, Count1, TTileOrder, TRight>, &Tile512.Run<Count4, Count2, TTileOrder, TRight>, &Tile512.Run<Count4, Count3, TTileOrder, TRight>,
        &Tile512.Run<Count5, Count1, TTileOrder, TRight>, &Tile512.Run<Count5, Count2, TTileOrder, TRight>, &Tile512.Run<Count5, Count3, TTileOrder, TRight>,
        &Tile512.Run<Count6, Count1, TTileOrder, TRight>, &Tile512.Run<Count6, Count2, TTileOrder, TRight>, &Tile512.Run<Count6, Count3, TTileOrder, TRight>,
        &Tile512.Run<Count7, Count1, TTileOrder, TRight>, &Tile512.Run<Count7, Count2, TTileOrder, TRight>, &Tile512.Run<Count7, Count3, TTileOrder, TRight>,
        &Tile512.Run<Count8, Count1, TTileOrder, TRight>, &Tile512.Run<Count8, Count2, TTileOrder, TRight>, &Tile512.Run<Count8, Count3, TTileOrder, TRight>,
    ];
}
