using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;

namespace TaaS.Runtime.Summaries;

/// <summary>A picture of 8-bit pixels, grey or red-green-blue, row-major from the top left.</summary>
internal sealed class Bitmap
{
    private static readonly byte[] Signature = [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1A, (byte)'\n'];

    /// <summary>Makes a black picture.</summary>
    /// <param name="width">Pixels a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="channels">1 for grey, 3 for red-green-blue.</param>
    public Bitmap(int width, int height, int channels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        if (channels is not (1 or 3))
        {
            throw new ArgumentException($"a picture has 1 or 3 channels, not {channels}");
        }

        (Width, Height, Channels) = (width, height, channels);
        Pixels = new byte[width * height * channels];
    }

    /// <summary>Pixels a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>Bytes a pixel.</summary>
    public int Channels { get; }

    /// <summary>The pixels' bytes.</summary>
    public byte[] Pixels { get; }

    /// <summary>The bytes of one pixel.</summary>
    public Span<byte> this[int column, int row] => Pixels.AsSpan((row * Width + column) * Channels, Channels);

    /// <summary>The picture as a PNG file (ISO/IEC 15948): rows unfiltered in one zlib stream.</summary>
    public byte[] ToPng()
    {
        var file = new MemoryStream();
        file.Write(Signature);
        Span<byte> header = stackalloc byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header[4..], Height);
        // Bits a channel, colour type, and the only compression, filter and interlace methods that all readers know.
        (header[8], header[9], header[10], header[11], header[12]) = (8, (byte)(Channels == 1 ? 0 : 2), 0, 0, 0);
        WriteChunk(file, "IHDR"u8, header);
        WriteChunk(file, "IDAT"u8, Compress());
        WriteChunk(file, "IEND"u8, default);
        return file.ToArray();
    }

    private byte[] Compress()
    {
        var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
        {
            var stride = Width * Channels;
            for (var row = 0; row < Height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(Pixels.AsSpan(row * stride, stride));
            }
        }

        return compressed.ToArray();
    }

    private static void WriteChunk(MemoryStream file, ReadOnlySpan<byte> type, ReadOnlySpan<byte> data)
    {
        Span<byte> word = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(word, data.Length);
        file.Write(word);
        file.Write(type);
        file.Write(data);
        var checksum = new Crc32();
        checksum.Append(type);
        checksum.Append(data);
        BinaryPrimitives.WriteUInt32BigEndian(word, checksum.GetCurrentHashAsUInt32());
        file.Write(word);
    }
}
