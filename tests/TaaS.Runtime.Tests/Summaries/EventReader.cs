using System.Buffers.Binary;
using System.Numerics;
using Google.Protobuf;

namespace TaaS.Runtime.Tests.Summaries;

/// <summary>Reads event files with TorchSharp's copy of TensorFlow's messages and a CRC-32C by its definition, so that ours are not checked by themselves.</summary>
internal static class EventReader
{
    public static IReadOnlyList<Tensorboard.Event> Read(string path) => Read(path, mayBeCutShort: false);

    /// <summary>Reads what is whole of a file that is being written.</summary>
    public static IReadOnlyList<Tensorboard.Event> ReadWhole(string path) => Read(path, mayBeCutShort: true);

    private static IReadOnlyList<Tensorboard.Event> Read(string path, bool mayBeCutShort)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var content = new MemoryStream();
        file.CopyTo(content);
        return [.. Records(content.ToArray(), mayBeCutShort).Select(record => Tensorboard.Event.Parser.ParseFrom(record))];
    }

    public static IEnumerable<byte[]> Records(byte[] content, bool mayBeCutShort = false)
    {
        for (var at = 0; at < content.Length;)
        {
            if (mayBeCutShort && (content.Length < at + 12 || content.Length < at + 16 + (int)BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(at))))
            {
                yield break;
            }

            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(content.AsSpan(at));
            Assert.Equal(Masked(content[at..(at + 8)]), BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(at + 8)));
            var data = content[(at + 12)..(at + 12 + length)];
            Assert.Equal(Masked(data), BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(at + 12 + length)));
            yield return data;
            at += 16 + length;
        }
    }

    /// <summary>Division by Castagnoli's polynomial, bit by bit.</summary>
    public static uint Checksum(byte[] data)
    {
        var remainder = uint.MaxValue;
        foreach (var value in data)
        {
            remainder ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                remainder = (remainder & 1) == 0 ? remainder >> 1 : (remainder >> 1) ^ 0x82F63B78;
            }
        }

        return ~remainder;
    }

    private static uint Masked(byte[] data) => unchecked(BitOperations.RotateRight(Checksum(data), 15) + 0xA282EAD8u);
}
