using TaaS.Kernels;

namespace TaaS.Engine.Data;

/// <summary>The order of samples in an epoch: Fisher-Yates (Durstenfeld 1964) driven by Philox, the same for every worker of a seed.</summary>
internal static class Permutation
{
    // Keeps shuffling apart from initialisation and dropout, which draw with the plain seed.
    private const ulong Salt = 0x5348_5546_464C_4521;

    public static void Fill(Span<int> order, ulong seed, int epoch, bool shuffle)
    {
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        for (var i = order.Length - 1; shuffle && i > 0; i--)
        {
            var (word, _, _, _) = Philox.Block(seed ^ Salt, (ulong)i, (ulong)epoch);
            var other = (int)((ulong)word * (ulong)(i + 1) >> 32);
            (order[i], order[other]) = (order[other], order[i]);
        }
    }
}
