using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace TaaS.Runtime.Summaries;

/// <summary>
/// Writes records in TensorFlow's framing (TFRecord): the length as u64, its masked checksum, the data, its masked checksum; all little-endian.
/// </summary>
/// <remarks>A reader that meets a record cut short waits for the rest, so a file may be read while it is written.</remarks>
internal sealed class RecordWriter : IDisposable
{
    private const uint MaskDelta = 0xA282EAD8;

    private readonly Stream _output;

    /// <summary>Writes to a stream, which it owns.</summary>
    public RecordWriter(Stream output) => _output = output;

    /// <summary>Writes one record.</summary>
    public void Write(ReadOnlySpan<byte> data)
    {
        Span<byte> header = stackalloc byte[sizeof(ulong) + sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)data.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(header[sizeof(ulong)..], Mask(Crc32C(header[..sizeof(ulong)])));
        Span<byte> footer = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(footer, Mask(Crc32C(data)));
        _output.Write(header);
        _output.Write(data);
        _output.Write(footer);
    }

    /// <summary>Hands everything to the operating system.</summary>
    public void Flush() => _output.Flush();

    /// <inheritdoc/>
    public void Dispose() => _output.Dispose();

    /// <summary>The checksum as it is stored: turned, so that a record that holds records does not look like its own checksum.</summary>
    public static uint Mask(uint crc) => BitOperations.RotateRight(crc, 15) + MaskDelta;

    /// <summary>CRC with Castagnoli's polynomial (RFC 3720, appendix B.4), by the processor's instruction where it has one.</summary>
    public static uint Crc32C(ReadOnlySpan<byte> data)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(data))
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (var rest in data[(data.Length & ~7)..])
        {
            crc = BitOperations.Crc32C(crc, rest);
        }

        return ~crc;
    }
}
