using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>fp16: IEEE 754 binary16. 5 bits of exponent, 10 of fraction, subnormals down to 2⁻²⁴, largest 65504.</summary>
internal readonly struct Float16Format : INarrowFormat
{
    private const uint WideInfinity = 0x7f80_0000;
    private const uint Infinity = 0x7c00;
    private const uint Nan = 0x7e00;
    private const uint Largest = 0x477f_e000; // 65504
    private const uint LeastNormal = 0x3880_0000; // 2⁻¹⁴
    private const uint Half = 0x3f00_0000; // In [½, 1) f32 has the spacing of fp16's subnormals.
    private const uint BiasDifference = (127 - 15) << 23;

    /// <inheritdoc/>
    public static string Name => "fp16";

    /// <inheritdoc/>
    public static Vector512<uint> Round(Vector512<uint> wide)
    {
        var magnitude = wide & Vector512.Create(0x7fff_ffffu);
        var sign = (wide ^ magnitude) >>> 16;
        var finite = Vector512.Min(magnitude, Vector512.Create(Largest));
        var normal = (finite - Vector512.Create(BiasDifference) + Vector512.Create(0xfffu) + ((finite >>> 13) & Vector512<uint>.One)) >>> 13;
        var half = Vector512.Create(Half);
        var subnormal = (finite.AsSingle() + half.AsSingle()).AsUInt32() - half;
        var rounded = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(LeastNormal)), subnormal, normal);
        var special = Vector512.ConditionalSelect(Vector512.GreaterThan(magnitude, Vector512.Create(WideInfinity)), Vector512.Create(Nan), Vector512.Create(Infinity));
        return sign | Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(WideInfinity)), rounded, special);
    }

    /// <inheritdoc/>
    public static Vector512<uint> Widen(Vector512<uint> narrow)
    {
        var magnitude = narrow & Vector512.Create(0x7fffu);
        var sign = (narrow ^ magnitude) << 16;
        var shifted = magnitude << 13;
        var normal = shifted + Vector512.Create(BiasDifference);
        var special = normal + Vector512.Create(BiasDifference);
        var least = Vector512.Create(LeastNormal);
        var subnormal = ((shifted + least).AsSingle() - least.AsSingle()).AsUInt32();
        var finite = Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(0x400u)), subnormal, normal);
        return sign | Vector512.ConditionalSelect(Vector512.LessThan(magnitude, Vector512.Create(Infinity)), finite, special);
    }
}
