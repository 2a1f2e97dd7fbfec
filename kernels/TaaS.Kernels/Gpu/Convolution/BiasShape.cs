namespace TaaS.Kernels.Gpu;

/// <summary>Lengths of a sum over images and pixels, cut into parts of some images each. A kernel argument: plain fields only.</summary>
internal struct BiasShape
{
    internal int Images;
    internal int Filters;

    /// <summary>Pixels of a plane.</summary>
    internal int Area;

    internal int PartImages;

    /// <summary>Elements from a part's sums to the next.</summary>
    internal int Pitch;

    /// <summary>1 where planes are whole quads at 16-byte addresses.</summary>
    internal int Aligned;
}
