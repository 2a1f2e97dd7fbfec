using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>Sixteen elements at a time, the last few padded with zeros, and planes of one bit an element (least bit first).</summary>
internal static class Lanes
{
    /// <summary>Elements of a group.</summary>
    public const int Count = 16;

    private static readonly Vector512<int> BitOfLane = Vector512.Create(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768);

    /// <summary>Bytes of a plane of that many elements.</summary>
    public static int PlaneBytes(int elements) => (int)(((long)elements + 7) / 8);

    /// <summary>The group at an offset; zeros beyond the end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(ReadOnlySpan<float> from, int offset) =>
        offset + Count <= from.Length ? Vector512.Create(from.Slice(offset, Count)) : LoadLast(from[offset..]);

    /// <summary>Stores a group at an offset, as much of it as there is room for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> group, Span<float> into, int offset)
    {
        if (offset + Count <= into.Length)
        {
            group.CopyTo(into.Slice(offset, Count));
        }
        else
        {
            StoreLast(group, into[offset..]);
        }
    }

    /// <summary>All bits set in the lanes whose bit is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Mask(uint bits) =>
        Vector512.Equals(Vector512.Create((int)bits) & BitOfLane, BitOfLane).AsSingle();

    /// <summary>All bits set in the lanes with a sign bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> SignMask(Vector512<float> group) => Vector512.ShiftRightArithmetic(group.AsInt32(), 31).AsSingle();

    /// <summary>Bits of the lanes that hold elements, where so many are left: padding is none.</summary>
    public static uint ValidBits(int left) => left >= Count ? 0xffff : (1u << left) - 1;

    /// <summary>The bits of the group of elements at an offset; 0 beyond the plane's end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint ReadBits(ReadOnlySpan<byte> plane, int offset)
    {
        var at = offset / 8;
        return at + 1 < plane.Length ? (uint)(plane[at] | (plane[at + 1] << 8)) : plane[at];
    }

    /// <summary>Writes the bits of the group of elements at an offset, as far as the plane goes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void WriteBits(uint bits, Span<byte> plane, int offset)
    {
        var at = offset / 8;
        plane[at] = (byte)bits;
        if (at + 1 < plane.Length)
        {
            plane[at + 1] = (byte)(bits >> 8);
        }
    }

    /// <summary>Adds a gradient to what earlier steps left out.</summary>
    public static void Add(ReadOnlySpan<float> gradient, Span<float> residual)
    {
        for (var offset = 0; offset < gradient.Length; offset += Count)
        {
            Store(Load(gradient, offset) + Load(residual, offset), residual, offset);
        }
    }

    private static Vector512<float> LoadLast(ReadOnlySpan<float> rest)
    {
        Span<float> padded = stackalloc float[Count];
        padded.Clear();
        rest.CopyTo(padded);
        return Vector512.Create<float>(padded);
    }

    private static void StoreLast(Vector512<float> group, Span<float> rest)
    {
        Span<float> padded = stackalloc float[Count];
        group.CopyTo(padded);
        padded[..rest.Length].CopyTo(rest);
    }
}
