namespace TaaS.Kernels.Gpu;

/// <summary>Results of the parts of a product, one after the other, their rows filled up to whole quads. A kernel argument: plain fields only.</summary>
internal struct PartsShape
{
    /// <summary>Threads that share each quad of the result.</summary>
    internal const int Sharers = 8;

    /// <summary>Most threads of a group.</summary>
    internal const int MostThreads = 256;

    internal int Parts;
    internal int Rows;
    internal int RowQuads;

    /// <summary>Quads of a part, over all matrices of the batch.</summary>
    internal int Quads;
}
