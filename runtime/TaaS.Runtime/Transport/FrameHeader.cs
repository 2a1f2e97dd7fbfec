using System.Buffers.Binary;
using System.IO.Hashing;

namespace TaaS.Runtime.Transport;

/// <summary>The fixed start of every frame: 56 bytes, little-endian.</summary>
/// <remarks>
/// Offsets: 0 magic u32, 4 version u16, 6 type u16, 8 request u32, 12 generation u32, 16 step i64, 24 worker i32, 28 slice i32,
/// 32 part u16, 34 codec u16, 36 payload length u32, 40 payload hash u64 (XxHash3; 0 over a Unix socket, where it is not looked at),
/// 48 reserved u32 (0), 52 low 32 bits of XxHash3 over bytes 0 to 51.
/// </remarks>
/// <param name="Type">What the frame carries.</param>
internal readonly record struct FrameHeader(MessageType Type)
{
    /// <summary>Bytes of a header on the wire.</summary>
    public const int Bytes = 56;

    /// <summary>Version of the protocol spoken here.</summary>
    public const ushort Version = 2;

    private const uint Magic = 0x53616154; // "TaaS"
    private const uint TlsRecord = 0x0316; // a handshake record, major version 3
    private const int CheckOffset = 52;

    /// <summary>Number by which an answer names its question.</summary>
    public uint Request { get; init; }

    /// <summary>Which beginning of training this belongs to: it grows each time training goes back to a checkpoint; 0 for any.</summary>
    public uint Generation { get; init; }

    /// <summary>Training step of a push or a pull; of an answer, what its type says.</summary>
    public long Step { get; init; }

    /// <summary>Worker that speaks or is spoken to; -1 for none.</summary>
    public int Worker { get; init; } = -1;

    /// <summary>Slice of the layout; -1 for none.</summary>
    public int Slice { get; init; } = -1;

    /// <summary>0 for the values of the slice, 1 and up for its optimizer slots.</summary>
    public ushort Part { get; init; }

    /// <summary>How the payload is compressed; 0 for plain f32.</summary>
    public ushort Codec { get; init; }

    /// <summary>Bytes of payload that follow.</summary>
    public int Length { get; init; }

    /// <summary>XxHash3 of the payload; 0 over a Unix socket.</summary>
    public ulong PayloadHash { get; init; }

    /// <summary>Writes the header.</summary>
    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(to[4..], Version);
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], (ushort)Type);
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Request);
        BinaryPrimitives.WriteUInt32LittleEndian(to[12..], Generation);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Step);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], Worker);
        BinaryPrimitives.WriteInt32LittleEndian(to[28..], Slice);
        BinaryPrimitives.WriteUInt16LittleEndian(to[32..], Part);
        BinaryPrimitives.WriteUInt16LittleEndian(to[34..], Codec);
        BinaryPrimitives.WriteInt32LittleEndian(to[36..], Length);
        BinaryPrimitives.WriteUInt64LittleEndian(to[40..], PayloadHash);
        BinaryPrimitives.WriteUInt32LittleEndian(to[48..], 0);
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
            if ((magic & 0xffff) == TlsRecord)
            {
                throw new TransportException($"{peer} speaks TLS and this side does not; give both sides certificates ({TlsOptions.CertificateVariable}, {TlsOptions.KeyVariable}, {TlsOptions.AuthoritiesVariable}), or neither");
            }

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

        return new FrameHeader((MessageType)BinaryPrimitives.ReadUInt16LittleEndian(from[6..]))
        {
            Request = BinaryPrimitives.ReadUInt32LittleEndian(from[8..]),
            Generation = BinaryPrimitives.ReadUInt32LittleEndian(from[12..]),
            Step = BinaryPrimitives.ReadInt64LittleEndian(from[16..]),
            Worker = BinaryPrimitives.ReadInt32LittleEndian(from[24..]),
            Slice = BinaryPrimitives.ReadInt32LittleEndian(from[28..]),
            Part = BinaryPrimitives.ReadUInt16LittleEndian(from[32..]),
            Codec = BinaryPrimitives.ReadUInt16LittleEndian(from[34..]),
            Length = BinaryPrimitives.ReadInt32LittleEndian(from[36..]),
            PayloadHash = BinaryPrimitives.ReadUInt64LittleEndian(from[40..]),
        };
    }
}
