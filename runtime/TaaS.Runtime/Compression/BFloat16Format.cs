using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>bf16: the upper half of an f32. 8 bits of exponent, 7 of fraction.</summary>
internal readonly struct BFloat16Format : INarrowFormat
{
    private const uint Infinity = 0x7f80_0000;
    private const uint Largest = 0x7f7f_0000;
    private const uint QuietBit = 0x40;

    /// <inheritdoc/>
    public static string Name => "bf16";

    /// <inheritdoc/>
    public static Vector512<uint> Round(Vector512<uint> wide)
    {
        var magnitude = wide & Vector512.Create(0x7fff_ffffu);
        var sign = (wide ^ magnitude) >>> 16;
        var finite = Vector512.Min(magnitude, Vector512.Create(Largest));
        var rounded = (finite + Vector512.Create(0x7fffu) + ((finite >>> 16) & Vector512<uint>.One)) >>> 16;
        // The fraction of a NaN may lie in the lower half alone; the quiet bit keeps it a NaN.
        var isNan = Vector512.GreaterThan(magnitude, Vector512.Create(Infinity));
        var special = (magnitude >>> 16) | (isNan & Vector512.Create(QuietBit));
        return sign | Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(Infinity)), rounded, special);
    }

    /// <inheritdoc/>
    public static Vector512<uint> Widen(Vector512<uint> narrow) => narrow << 16;
}
