using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>Which elements are the largest: all whose magnitude is above a bound, and the first few of those at it.</summary>
/// <remarks>
/// Magnitudes order as their bit patterns do, NaN above infinity. The bound is found digit by digit (11, 10 and 10 bits, the
/// highest first) by counting: three passes, whatever the values, with the counters on the stack.
/// </remarks>
/// <param name="Bound">Bit pattern of the bound's magnitude.</param>
/// <param name="Ties">Elements at the bound that are taken.</param>
/// <param name="Count">Elements taken in all.</param>
internal readonly record struct MagnitudeCut(uint Bound, int Ties, int Count)
{
    /// <summary>Bit pattern without its sign.</summary>
    public const uint MagnitudeBits = 0x7fff_ffff;

    private const int Digits = 2048;

    /// <summary>Finds the largest elements.</summary>
    /// <param name="values">Elements.</param>
    /// <param name="most">Elements to take; fewer are taken where the rest is zero.</param>
    public static MagnitudeCut Find(ReadOnlySpan<float> values, int most)
    {
        Span<int> counts = stackalloc int[Digits];
        counts.Clear();
        var patterns = MemoryMarshal.Cast<float, uint>(values);
        foreach (var pattern in patterns)
        {
            counts[(int)((pattern & MagnitudeBits) >> 20)]++;
        }

        var above = 0;
        var bound = Descend(counts, most, ref above);
        foreach (var shift in (ReadOnlySpan<int>)[10, 0])
        {
            counts.Clear();
            CountDigits(values, patterns, bound, shift, counts);
            bound = (bound << 10) | Descend(counts, most, ref above);
        }

        var ties = bound == 0 ? 0 : most - above;
        return new MagnitudeCut(bound, ties, above + ties);
    }

    // From the top digit down to the one where the last element to be taken lies.
    private static uint Descend(ReadOnlySpan<int> counts, int most, ref int above)
    {
        var digit = counts.Length - 1;
        while (digit > 0 && above + counts[digit] < most)
        {
            above += counts[digit--];
        }

        return (uint)digit;
    }

    // Counts the next digit of those elements whose higher digits are the bound's. They are few: most groups hold none.
    private static void CountDigits(ReadOnlySpan<float> values, ReadOnlySpan<uint> patterns, uint bound, int shift, Span<int> counts)
    {
        var wanted = Vector512.Create(bound);
        for (var offset = 0; offset < values.Length; offset += Lanes.Count)
        {
            var digits = (Lanes.Load(values, offset).AsUInt32() & Vector512.Create(MagnitudeBits)) >>> (shift + 10);
            var hits = Vector512.Equals(digits, wanted).ExtractMostSignificantBits();
            for (; hits != 0; hits &= hits - 1)
            {
                var at = offset + BitOperations.TrailingZeroCount(hits);
                if (at < patterns.Length)
                {
                    counts[(int)((patterns[at] & MagnitudeBits) >> shift) & 1023]++;
                }
            }
        }
    }
}
