using CsCheck;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>What an attacker makes of frames.</summary>
internal static class HostileFrames
{
    private static readonly Gen<long> Step = Gen.OneOf<long>(Gen.Long[-2, 12], Gen.OneOf(long.MinValue, long.MaxValue, 1L << 40));

    private static readonly Gen<int> Index = Gen.OneOf<int>(Gen.Int[-2, 6], Gen.OneOf(int.MinValue, int.MaxValue));

    /// <summary>Bytes of a valid conversation with one thing wrong.</summary>
    public static Gen<Func<byte[], byte[]>> Damage { get; } = Gen.OneOf<Func<byte[], byte[]>>(
        Gen.Int[0, int.MaxValue].Select<int, Func<byte[], byte[]>>(at => bytes => Flip(bytes, at)),
        Gen.Int[0, int.MaxValue].Select<int, Func<byte[], byte[]>>(at => bytes => bytes[..(at % bytes.Length)]),
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte.Array[1, 40]).Select<(int, byte[]), Func<byte[], byte[]>>(
            noise => bytes => [.. bytes[..(noise.Item1 % bytes.Length)], .. noise.Item2, .. bytes[(noise.Item1 % bytes.Length)..]]),
        Gen.Select(Gen.Int[0, int.MaxValue], Gen.Int[1, 60]).Select<(int, int), Func<byte[], byte[]>>(
            cut => bytes => [.. bytes[..(cut.Item1 % bytes.Length)], .. bytes[Math.Min(bytes.Length, cut.Item1 % bytes.Length + cut.Item2)..]]));

    /// <summary>A frame with right checksums and any content; of one of the types, or of none.</summary>
    public static Gen<byte[]> Frame(params ushort[] types) =>
        Gen.Select(Gen.OneOf<ushort>(Gen.OneOf(types), Gen.UShort.Where(type => type != RawPeer.Leave)), Gen.UInt[0, 5], Gen.UInt[0, 3], Step, Index, Index, Gen.UShort[0, 3], Gen.OneOf<byte[]>(Gen.Byte.Array[0, 0], Gen.Byte.Array[16, 16], Gen.Byte.Array[0, 80]))
            .Select((type, request, generation, step, worker, slice, part, payload) => RawPeer.Frame(type, payload, request, generation, step, worker, slice, part));

    private static byte[] Flip(byte[] bytes, int at)
    {
        var damaged = (byte[])bytes.Clone();
        damaged[at / 8 % bytes.Length] ^= (byte)(1 << (at % 8));
        return damaged;
    }
}
