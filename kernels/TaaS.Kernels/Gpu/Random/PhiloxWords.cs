namespace TaaS.Kernels.Gpu;

/// <summary>A block of four random words; the same bits as <see cref="Philox.Block"/>.</summary>
internal struct PhiloxWords
{
    private const int Rounds = 10;

    internal uint X;
    internal uint Y;
    internal uint Z;
    internal uint W;

    /// <summary>The block of a 64-bit key and counter.</summary>
    internal static PhiloxWords Of(ulong key, ulong counter)
    {
        uint x = (uint)counter, y = (uint)(counter >> 32), z = 0, w = 0;
        uint keyA = (uint)key, keyB = (uint)(key >> 32);
        for (var round = 0; round < Rounds; round++)
        {
            var a = (ulong)Philox.MultiplierA * x;
            var b = (ulong)Philox.MultiplierB * z;
            x = (uint)(b >> 32) ^ y ^ keyA;
            y = (uint)b;
            z = (uint)(a >> 32) ^ w ^ keyB;
            w = (uint)a;
            keyA += Philox.WeylA;
            keyB += Philox.WeylB;
        }

        return new PhiloxWords { X = x, Y = y, Z = z, W = w };
    }

    /// <summary>The words as numbers in [0, 1): upper 24 bits times 2⁻²⁴, as <see cref="Philox.ToUnit"/>.</summary>
    internal readonly Float4 ToUnits() => new(ToUnit(X), ToUnit(Y), ToUnit(Z), ToUnit(W));

    // Through a signed integer: what is left of the word fits one, and its conversion is one instruction.
    private static float ToUnit(uint word) => (int)(word >> 8) * (1f / (1 << 24));
}
