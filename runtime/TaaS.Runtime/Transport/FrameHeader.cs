using System.Buffers.Binary;
using System.IO.Hashing;

namespace TaaS.Runtime.Transport;

/// <summary>The fixed start of every frame: 48 bytes, little-endian.</summary>
/// <remarks>
/// Offsets: 0 magic u32, 4 version u16, 6 type u16, 8 request u32, 12 worker i32, 16 step i64, 24 slice i32,
/// 28 part i32, 32 payload length u32, 36 payload hash u64 (XxHash3; 0 over a Unix socket, where it is not looked at), 44 low 32 bits of XxHash3 over bytes 0 to 43.
/// </remarks>
/// <param name="Type">What the frame carries.</param>
/// <param name="Request">Number by which an answer names its question.</param>
/// <param name="Worker">Worker that speaks or is spoken to; -1 for none.</param>
/// <param name="Step">Training step of a push or a pull; update count of parameters sent back.</param>
/// <param name="Slice">Slice of the layout; -1 for none.</param>
/// <param name="Part">0 for the values of the slice, 1 and up for its optimizer slots.</param>
/// <param name="Length">Bytes of payload that follow.</param>
/// <param name="PayloadHash">XxHash3 of the payload; 0 over a Unix socket.</param>
internal readonly record struct FrameHeader(
    MessageType Type,
    uint Request,
    int Worker,
    long Step,
    int Slice,
    int Part,
    int Length,
    ulong PayloadHash)
{
    /// <summary>Bytes of a header on the wire.</summary>
    public const int Bytes = 48;

    /// <summary>Version of the protocol spoken here.</summary>
    public const ushort Version = 1;

    private const uint Magic = 0x53616154; // "TaaS"
    private const int CheckOffset = 44;

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], (ushort)Type);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Request);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], Worker);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Step);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Slice);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], Part);
        BinaryPrimitives.WriteInt32LittleEndian(to[32..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(to[36..], PayloadHash);
        BinaryPrimitives.WriteUInt32LittleEndian(to[CheckOffset..], (uint)XxHash3.HashToUInt64(to[..CheckOffset]));
    }

    /// <summary>Reads and checks a header.</summary>
    /// <param name="from"><see cref="Bytes"/> bytes off the wire.</param>
    /// <param name="peer">Who sent it, for the message.</param>
    /// <exception cref="TransportException">Not our protocol, another version, or damaged.</exception>
    public static FrameHeader Read(ReadOnlySpan<byte> from, string peer)
    {
        var magic = BinaryPrimitives.ReadUInt32LittleEndian(from);
        if (magic != Magic)
        {
            throw new TransportException($"{peer} does not speak this protocol: a frame starts with 0x{magic:x8}, expected 0x{Magic:x8}; check the address and port");
        }

        var version = BinaryPrimitives.ReadUInt16LittleEndian(from[4..]);
        if (version != Version)
        {
            throw new TransportException($"{peer} speaks protocol version {version}, this side speaks {Version}; run the same release everywhere");
        }

        var check = BinaryPrimitives.ReadUInt32LittleEndian(from[CheckOffset..]);
        if (check != (uint)XxHash3.HashToUInt64(from[..CheckOffset]))
        {
            throw new TransportException($"{peer} sent a damaged frame header: checksum 0x{check:x8} does not fit its content");
        }

        return new FrameHeader(
            (MessageType)BinaryPrimitives.ReadUInt16LittleEndian(from[6..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[8..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[12..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[24..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[28..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[36..]));
    }
}
