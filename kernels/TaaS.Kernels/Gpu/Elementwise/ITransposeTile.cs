namespace TaaS.Kernels.Gpu;

/// <summary>A square tile of a transpose. A struct without fields, so that every kernel is compiled for its own size.</summary>
internal interface ITransposeTile
{
    /// <summary>Rows and columns; a group's threads are a whole number of rows.</summary>
    static abstract int Edge { get; }
}

/// <summary>A row is what a warp of a GPU reads or writes at once.</summary>
internal readonly struct WarpTile : ITransposeTile
{
    public static int Edge => 32;
}

/// <summary>For devices whose groups have fewer threads than a warp of a GPU.</summary>
internal readonly struct SmallTile : ITransposeTile
{
    public static int Edge => 8;
}
