namespace TaaS.Kernels.Gpu;

/// <summary>Whether an operand may end inside a panel. A struct without fields, so that kernels are compiled for either.</summary>
internal interface IEdge
{
    /// <summary>Asks of every element whether it exists; otherwise panels are whole along the sums, and lines beyond the last repeat it.</summary>
    static abstract bool Guarded { get; }
}

/// <summary>Any shape, at any address.</summary>
internal readonly struct GuardedEdge : IEdge
{
    public static bool Guarded => true;
}

/// <summary>Whole panels at 16-byte addresses: fetching takes one access a quad and no branch, so that nothing waits for it before the sums need it.</summary>
internal readonly struct WholeEdge : IEdge
{
    /// <summary>What the number of terms must be a multiple of: the depth of any tile divides it.</summary>
    internal const int TermsMultiple = 8;

    public static bool Guarded => false;
}
