using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>A floating-point format of 16 bits, sixteen values at a time, as bit patterns.</summary>
internal interface INarrowFormat
{
    /// <summary>Name in job files.</summary>
    static abstract string Name { get; }

    /// <summary>f32 → the format, in the lower half of each lane: to nearest even, finite values saturating, NaN and infinities kept.</summary>
    static abstract Vector512<uint> Round(Vector512<uint> wide);

    /// <summary>The format, in the lower half of each lane → f32, exactly.</summary>
    static abstract Vector512<uint> Widen(Vector512<uint> narrow);
}
