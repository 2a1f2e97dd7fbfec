namespace TaaS.Kernels;

/// <summary>
/// Philox4x32-10, a counter-based generator: a pure function of key and counter.
/// <b>Source</b>: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, doi:10.1145/2063384.2063405.
/// </summary>
public static class Philox
{
    internal const uint MultiplierA = 0xD2511F53;
    internal const uint MultiplierB = 0xCD9E8D57;
    internal const uint WeylA = 0x9E3779B9;
    internal const uint WeylB = 0xBB67AE85;
    private const int Rounds = 10;

    /// <summary>One block of four words for a 64-bit key and a 128-bit counter.</summary>
    public static (uint X, uint Y, uint Z, uint W) Block(ulong key, ulong counter, ulong counterHigh = 0)
    {
        uint x = (uint)counter, y = (uint)(counter >> 32), z = (uint)counterHigh, w = (uint)(counterHigh >> 32);
        uint keyA = (uint)key, keyB = (uint)(key >> 32);
        for (var round = 0; round < Rounds; round++)
        {
            var a = (ulong)MultiplierA * x;
            var b = (ulong)MultiplierB * z;
            (x, y, z, w) = ((uint)(b >> 32) ^ y ^ keyA, (uint)b, (uint)(a >> 32) ^ w ^ keyB, (uint)a);
            keyA += WeylA;
            keyB += WeylB;
        }

        return (x, y, z, w);
    }

    /// <summary>Word <paramref name="index"/> of the stream that starts at block <paramref name="offset"/>.</summary>
    public static uint Word(ulong seed, ulong offset, long index)
    {
        var (x, y, z, w) = Block(seed, offset + (ulong)(index / 4));
        return (index % 4) switch { 0 => x, 1 => y, 2 => z, _ => w };
    }

    /// <summary>A word as a number in [0, 1): its upper 24 bits times 2⁻²⁴.</summary>
    public static float ToUnit(uint word) => (word >> 8) * (1f / (1 << 24));
}
