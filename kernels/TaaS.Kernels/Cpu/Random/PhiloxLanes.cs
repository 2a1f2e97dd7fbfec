using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TaaS.Kernels.Cpu;

/// <summary><see cref="Philox"/> for eight consecutive counters at once, a lane each.</summary>
internal static unsafe class PhiloxLanes
{
    /// <summary>Words made at once.</summary>
    internal const int Words = 32;

    private const int Blocks = Words / 4;
    private const int Rounds = 10;

    /// <summary>The words of blocks counter to counter + 7, block after block.</summary>
    internal static void Fill(ulong key, ulong counter, uint* words)
    {
        if (Avx2.IsSupported && (uint)counter <= uint.MaxValue - Blocks)
        {
            FillLanes(key, counter, words);
            return;
        }

        for (var block = 0; block < Blocks; block++, words += 4)
        {
            (words[0], words[1], words[2], words[3]) = Philox.Block(key, counter + (ulong)block);
        }
    }

    /// <summary>Eight words as numbers in [0, 1), as <see cref="Philox.ToUnit"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Vector256<float> ToUnit(uint* words) =>
        Vector256.ConvertToSingle((Vector256.Load(words) >>> 8).AsInt32()) * (1f / (1 << 24));

    private static void FillLanes(ulong key, ulong counter, uint* words)
    {
        var x = Vector256.Create((uint)counter) + Vector256.Create(0u, 1, 2, 3, 4, 5, 6, 7);
        var y = Vector256.Create((uint)(counter >> 32));
        Vector256<uint> z = default, w = default;
        uint keyA = (uint)key, keyB = (uint)(key >> 32);
        for (var round = 0; round < Rounds; round++)
        {
            Multiply(x, Philox.MultiplierA, out var highA, out var lowA);
            Multiply(z, Philox.MultiplierB, out var highB, out var lowB);
            (x, y, z, w) = (highB ^ y ^ Vector256.Create(keyA), lowB, highA ^ w ^ Vector256.Create(keyB), lowA);
            keyA += Philox.WeylA;
            keyB += Philox.WeylB;
        }

        // A block's words are lane i of all four; each half of a register holds two blocks after two rounds of unpacking.
        Vector256<uint> lowXy = Avx2.UnpackLow(x, y), highXy = Avx2.UnpackHigh(x, y), lowZw = Avx2.UnpackLow(z, w), highZw = Avx2.UnpackHigh(z, w);
        var even = Avx2.UnpackLow(lowXy.AsUInt64(), lowZw.AsUInt64());
        var odd = Avx2.UnpackHigh(lowXy.AsUInt64(), lowZw.AsUInt64());
        var nextEven = Avx2.UnpackLow(highXy.AsUInt64(), highZw.AsUInt64());
        var nextOdd = Avx2.UnpackHigh(highXy.AsUInt64(), highZw.AsUInt64());
        Avx2.Permute2x128(even, odd, 0x20).AsUInt32().Store(words);
        Avx2.Permute2x128(nextEven, nextOdd, 0x20).AsUInt32().Store(words + 8);
        Avx2.Permute2x128(even, odd, 0x31).AsUInt32().Store(words + 16);
        Avx2.Permute2x128(nextEven, nextOdd, 0x31).AsUInt32().Store(words + 24);
    }

    /// <summary>Both halves of the 64-bit products, lane by lane.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Multiply(Vector256<uint> a, uint factor, out Vector256<uint> high, out Vector256<uint> low)
    {
        var b = Vector256.Create(factor);
        var even = Avx2.Multiply(a, b);
        var odd = Avx2.Multiply((a.AsUInt64() >>> 32).AsUInt32(), b);
        low = Avx2.Blend(even.AsUInt32(), (odd << 32).AsUInt32(), 0b10101010);
        high = Avx2.Blend((even >>> 32).AsUInt32(), odd.AsUInt32(), 0b10101010);
    }
}
