using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>The largest magnitudes of a slice as f32, and where they are. Everything else waits in the residual until it is among the largest.</summary>
/// <remarks>
/// Layout: number of elements (u32), form of the places (u32), the values (f32) in order of their places, the places.
/// Form 0: for each, the elements skipped since the one before, in 7-bit groups, low group first, high bit set where more follow.
/// Form 1: a bit an element, least bit first; taken where it is sure to be no longer.
/// At 1 % that is about a 75th of f32.
/// <b>Source</b>: Aji and Heafield, "Sparse Communication for Distributed Gradient Descent", EMNLP 2017; Stich et al.,
/// "Sparsified SGD with Memory", NeurIPS 2018.
/// </remarks>
internal sealed class TopKCodec(double ratio) : IGradientCodec
{
    private const int HeadBytes = 2 * sizeof(uint);
    private const uint GapForm = 0;
    private const uint BitForm = 1;
    private const string Name = "topk";

    /// <inheritdoc/>
    public CompressionKind Kind => CompressionKind.TopK;

    /// <inheritdoc/>
    public bool HasErrorFeedback => true;

    /// <inheritdoc/>
    public int MaxBytes(int elements)
    {
        var most = MostOf(elements);
        return checked(HeadBytes + most * sizeof(float) + Math.Min(MostGapBytes(most, elements), Lanes.PlaneBytes(elements)));
    }

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<float> gradient, Span<float> residual, Span<byte> into)
    {
        Lanes.Add(gradient, residual);
        var cut = MagnitudeCut.Find(residual, MostOf(residual.Length));
        var form = MostGapBytes(cut.Count, residual.Length) <= Lanes.PlaneBytes(residual.Length) ? GapForm : BitForm;
        BinaryPrimitives.WriteUInt32LittleEndian(into, (uint)cut.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(into[sizeof(uint)..], form);
        var values = into.Slice(HeadBytes, cut.Count * sizeof(float));
        var places = into[(HeadBytes + values.Length)..];
        return HeadBytes + values.Length + (form == GapForm ? TakeWithGaps(residual, cut, values, places) : TakeWithBits(residual, cut, values, places));
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> bytes, Span<float> into)
    {
        if (bytes.Length < HeadBytes)
        {
            throw MalformedGradient.Because(Name, $"it starts with {HeadBytes} bytes, {bytes.Length} came");
        }

        var count = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        var form = BinaryPrimitives.ReadUInt32LittleEndian(bytes[sizeof(uint)..]);
        bytes = bytes[HeadBytes..];
        if (count > (uint)into.Length || count * sizeof(float) > (ulong)bytes.Length)
        {
            throw MalformedGradient.Because(Name, $"it announces {count} elements of {into.Length} in {bytes.Length} bytes");
        }

        var values = bytes[..((int)count * sizeof(float))];
        var places = bytes[values.Length..];
        into.Clear();
        switch (form)
        {
            case GapForm:
                PutByGaps(values, places, into);
                break;
            case BitForm:
                PutByBits(values, places, into);
                break;
            default:
                throw MalformedGradient.Because(Name, $"its places are in form {form}, known are {GapForm} and {BitForm}");
        }
    }

    private int MostOf(int elements) => Math.Min(elements, Math.Max(1, (int)Math.Ceiling(elements * ratio)));

    // A gap of 128 or more takes a second byte, and so many of them fit into a slice; so on for each 7 bits.
    private static int MostGapBytes(int count, int elements) => count + (elements >> 7) + (elements >> 14) + (elements >> 21) + (elements >> 28);

    private static int TakeWithGaps(Span<float> residual, MagnitudeCut cut, Span<byte> values, Span<byte> places)
    {
        var taken = new Taker(cut);
        var written = 0;
        var last = -1;
        for (var offset = 0; offset < residual.Length; offset += Lanes.Count)
        {
            for (var hits = taken.Next(residual, offset); hits != 0; hits &= hits - 1)
            {
                var at = offset + BitOperations.TrailingZeroCount(hits);
                values = Move(ref residual[at], values);
                written += WriteGap((uint)(at - last - 1), places[written..]);
                last = at;
            }
        }

        return written;
    }

    private static int TakeWithBits(Span<float> residual, MagnitudeCut cut, Span<byte> values, Span<byte> places)
    {
        var taken = new Taker(cut);
        var plane = places[..Lanes.PlaneBytes(residual.Length)];
        for (var offset = 0; offset < residual.Length; offset += Lanes.Count)
        {
            var hits = taken.Next(residual, offset);
            Lanes.WriteBits(hits, plane, offset);
            for (; hits != 0; hits &= hits - 1)
            {
                values = Move(ref residual[offset + BitOperations.TrailingZeroCount(hits)], values);
            }
        }

        return plane.Length;
    }

    // What is sent is no longer left out.
    private static Span<byte> Move(ref float element, Span<byte> values)
    {
        BinaryPrimitives.WriteSingleLittleEndian(values, element);
        element = 0;
        return values[sizeof(float)..];
    }

    private static int WriteGap(uint gap, Span<byte> into)
    {
        var written = 0;
        for (; gap >= 0x80; gap >>= 7)
        {
            into[written++] = (byte)(gap | 0x80);
        }

        into[written++] = (byte)gap;
        return written;
    }

    private static void PutByGaps(ReadOnlySpan<byte> values, ReadOnlySpan<byte> places, Span<float> into)
    {
        var read = 0;
        long at = -1;
        for (; values.Length > 0; values = values[sizeof(float)..])
        {
            at += 1 + ReadGap(places, ref read);
            if (at >= into.Length)
            {
                throw MalformedGradient.Because(Name, $"it names element {at} of {into.Length}");
            }

            into[(int)at] = BinaryPrimitives.ReadSingleLittleEndian(values);
        }

        if (read != places.Length)
        {
            throw MalformedGradient.Because(Name, $"{places.Length - read} bytes follow its end");
        }
    }

    private static long ReadGap(ReadOnlySpan<byte> places, ref int read)
    {
        long gap = 0;
        for (var shift = 0; shift < 35; shift += 7)
        {
            if (read == places.Length)
            {
                throw MalformedGradient.Because(Name, "its places end early");
            }

            var next = places[read++];
            gap |= (long)(next & 0x7f) << shift;
            if (next < 0x80)
            {
                return gap;
            }
        }

        throw MalformedGradient.Because(Name, "a place takes more than 5 bytes");
    }

    private static void PutByBits(ReadOnlySpan<byte> values, ReadOnlySpan<byte> plane, Span<float> into)
    {
        MalformedGradient.RequireBytes(Name, plane.Length, Lanes.PlaneBytes(into.Length), into.Length);
        for (var offset = 0; offset < into.Length; offset += Lanes.Count)
        {
            for (var hits = Lanes.ReadBits(plane, offset); hits != 0; hits &= hits - 1)
            {
                var at = offset + BitOperations.TrailingZeroCount(hits);
                if (at >= into.Length || values.Length == 0)
                {
                    throw MalformedGradient.Because(Name, $"its bits name element {at} of {into.Length}, with {values.Length / sizeof(float)} values left");
                }

                into[at] = BinaryPrimitives.ReadSingleLittleEndian(values);
                values = values[sizeof(float)..];
            }
        }

        if (values.Length > 0)
        {
            throw MalformedGradient.Because(Name, $"{values.Length / sizeof(float)} values have no place");
        }
    }

    /// <summary>Goes over the elements in order and says which are taken.</summary>
    private ref struct Taker(MagnitudeCut cut)
    {
        private int _ties = cut.Ties;

        public uint Next(ReadOnlySpan<float> residual, int offset)
        {
            var magnitudes = Lanes.Load(residual, offset).AsUInt32() & Vector512.Create(MagnitudeCut.MagnitudeBits);
            var above = (uint)Vector512.GreaterThan(magnitudes, Vector512.Create(cut.Bound)).ExtractMostSignificantBits();
            if (_ties == 0)
            {
                return above;
            }

            for (var ties = (uint)Vector512.Equals(magnitudes, Vector512.Create(cut.Bound)).ExtractMostSignificantBits(); ties != 0 && _ties > 0; ties &= ties - 1)
            {
                above |= ties & (~ties + 1);
                _ties--;
            }

            return above;
        }
    }
}
