namespace TaaS.Kernels.Cpu;

/// <summary>A length cut into pieces that differ by one at most.</summary>
internal readonly struct EvenCut
{
    private readonly int _piece;
    private readonly int _longer;

    internal EvenCut(int length, int pieces)
    {
        (Length, Count) = (length, pieces);
        (_piece, _longer) = pieces == 0 ? (0, 0) : Math.DivRem(length, pieces);
    }

    /// <summary>Cuts into as few pieces as a longest piece allows, but at least one.</summary>
    internal static EvenCut ByLength(int length, int longest) => new(length, Math.Max((length + longest - 1) / longest, 1));

    /// <summary>What is cut.</summary>
    internal int Length { get; }

    /// <summary>Number of pieces.</summary>
    internal int Count { get; }

    /// <summary>Where a piece starts, and so where the one before it ends.</summary>
    internal int Start(int piece) => piece * _piece + Math.Min(piece, _longer);

    /// <summary>Length of a piece.</summary>
    internal int LengthOf(int piece) => piece < _longer ? _piece + 1 : _piece;
}
