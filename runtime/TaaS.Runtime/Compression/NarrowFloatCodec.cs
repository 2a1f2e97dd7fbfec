using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>Each element in two bytes, rounded to the nearest, halves to even. Finite values stay finite: those beyond the format's range become its largest.</summary>
/// <remarks>
/// No error feedback: the rounding errors are unbiased and below one part in 256 (bf16) or 2048 (fp16, normal range).
/// fp16 loses magnitudes below 2⁻²⁵ and saturates at 65504; bf16 has the range of f32.
/// </remarks>
/// <typeparam name="TFormat">Format of an element.</typeparam>
internal sealed class NarrowFloatCodec<TFormat>(CompressionKind kind) : IGradientCodec
    where TFormat : struct, INarrowFormat
{
    private static readonly int Lanes = Vector512<ushort>.Count;

    /// <inheritdoc/>
    public CompressionKind Kind => kind;

    /// <inheritdoc/>
    public bool HasErrorFeedback => false;

    /// <inheritdoc/>
    public int MaxBytes(int elements) => checked(elements * sizeof(ushort));

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<float> gradient, Span<float> residual, Span<byte> into)
    {
        var bytes = MaxBytes(gradient.Length);
        var narrow = MemoryMarshal.Cast<byte, ushort>(into[..bytes]);
        var whole = gradient.Length / Lanes * Lanes;
        Narrow(gradient[..whole], narrow[..whole]);
        if (whole < gradient.Length)
        {
            Span<float> padded = stackalloc float[Lanes];
            Span<ushort> rest = stackalloc ushort[Lanes];
            padded.Clear();
            gradient[whole..].CopyTo(padded);
            Narrow(padded, rest);
            rest[..(gradient.Length - whole)].CopyTo(narrow[whole..]);
        }

        return bytes;
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> bytes, Span<float> into)
    {
        MalformedGradient.RequireBytes(TFormat.Name, bytes.Length, MaxBytes(into.Length), into.Length);
        var narrow = MemoryMarshal.Cast<byte, ushort>(bytes);
        var whole = into.Length / Lanes * Lanes;
        Widen(narrow[..whole], into[..whole]);
        if (whole < into.Length)
        {
            Span<ushort> padded = stackalloc ushort[Lanes];
            Span<float> rest = stackalloc float[Lanes];
            padded.Clear();
            narrow[whole..].CopyTo(padded);
            Widen(padded, rest);
            rest[..(into.Length - whole)].CopyTo(into[whole..]);
        }
    }

    private static void Narrow(ReadOnlySpan<float> from, Span<ushort> into)
    {
        var source = MemoryMarshal.Cast<float, Vector512<float>>(from);
        var target = MemoryMarshal.Cast<ushort, Vector512<ushort>>(into);
        for (var at = 0; at < target.Length; at++)
        {
            target[at] = Vector512.Narrow(TFormat.Round(source[2 * at].AsUInt32()), TFormat.Round(source[2 * at + 1].AsUInt32()));
        }
    }

    private static void Widen(ReadOnlySpan<ushort> from, Span<float> into)
    {
        var source = MemoryMarshal.Cast<ushort, Vector512<ushort>>(from);
        var target = MemoryMarshal.Cast<float, Vector512<float>>(into);
        for (var at = 0; at < source.Length; at++)
        {
            var (lower, upper) = Vector512.Widen(source[at]);
            target[2 * at] = TFormat.Widen(lower).AsSingle();
            target[2 * at + 1] = TFormat.Widen(upper).AsSingle();
        }
    }
}
