namespace TaaS.Kernels.Cpu;

/// <summary>Where a tile finds its right operand, known when the code is compiled.</summary>
internal interface IRight
{
    /// <summary>In a packed panel, its rows one after another; otherwise where it lies.</summary>
    static abstract bool IsPacked { get; }

    /// <summary>Packed while it is used, for the tiles that follow.</summary>
    static abstract bool IsPackedOnTheWay { get; }
}

/// <summary>A packed panel.</summary>
internal readonly struct PackedRight : IRight
{
    public static bool IsPacked => true;

    public static bool IsPackedOnTheWay => false;
}

/// <summary>Read where it lies, and packed on the way.</summary>
internal readonly struct PackingRight : IRight
{
    public static bool IsPacked => false;

    public static bool IsPackedOnTheWay => true;
}

/// <summary>Read where it lies.</summary>
internal readonly struct RightInPlace : IRight
{
    public static bool IsPacked => false;

    public static bool IsPackedOnTheWay => false;
}
