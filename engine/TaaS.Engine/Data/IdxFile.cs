using System.Buffers.Binary;
using System.IO.Compression;

namespace TaaS.Engine.Data;

/// <summary>
/// A file of unsigned bytes in IDX form, gzipped or not. <b>Source</b>: LeCun et al., "The MNIST database", file formats:
/// two zero bytes, type code 8, number of axes, big-endian lengths, then the bytes row-major.
/// </summary>
internal sealed record IdxFile(string Path, int[] Lengths, byte[] Data)
{
    private const byte UnsignedByte = 8;
    private const long LargestFile = 1L << 31;

    /// <summary>Reads <paramref name="name"/> or <paramref name="name"/>.gz in a folder.</summary>
    public static IdxFile Open(string folder, string name, int rank)
    {
        var path = System.IO.Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            path += ".gz";
        }

        if (!File.Exists(path))
        {
            throw new DataException($"data file {System.IO.Path.Combine(folder, name)} (or {name}.gz) does not exist; check spec.data.path, or install the data set (Debian: dataset-fashion-mnist)");
        }

        try
        {
            using var file = File.OpenRead(path);
            using Stream stream = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
            return Parse(path, stream, rank);
        }
        catch (EndOfStreamException error)
        {
            throw new DataException($"data file {path} is truncated: it ends before the data its header announces; fetch it again", error);
        }
        catch (InvalidDataException error)
        {
            throw new DataException($"data file {path} is corrupt: {error.Message}; fetch it again", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DataException($"data file {path} cannot be read: {error.Message}", error);
        }
    }

    private static IdxFile Parse(string path, Stream stream, int rank)
    {
        Span<byte> word = stackalloc byte[4];
        stream.ReadExactly(word);
        if (word[0] != 0 || word[1] != 0 || word[2] != UnsignedByte || word[3] != rank)
        {
            throw new DataException($"data file {path} does not begin as IDX bytes with {rank} axes: expected 0000080{rank}, got {Convert.ToHexString(word)}; is it another kind of file?");
        }

        var lengths = new int[rank];
        long size = 1;
        for (var axis = 0; axis < rank; axis++)
        {
            stream.ReadExactly(word);
            lengths[axis] = BinaryPrimitives.ReadInt32BigEndian(word);
            size = lengths[axis] >= 0 ? checked(size * Math.Min(lengths[axis], int.MaxValue)) : -1;
            if (size is < 0 or > LargestFile - 1)
            {
                throw new DataException($"data file {path} announces an impossible length {lengths[axis]} for axis {axis}; it is corrupt, fetch it again");
            }
        }

        // Grown as data comes, so that a false header cannot ask for more memory than the file has bytes.
        using var data = new MemoryStream();
        var chunk = new byte[1 << 16];
        while (data.Length < size)
        {
            var read = stream.Read(chunk, 0, (int)Math.Min(chunk.Length, size - data.Length));
            if (read == 0)
            {
                throw new DataException($"data file {path} is truncated: {data.Length} of {size} bytes are there; fetch it again");
            }

            data.Write(chunk, 0, read);
        }

        if (stream.ReadByte() >= 0)
        {
            throw new DataException($"data file {path} is longer than the {size} bytes its header announces; it is corrupt, fetch it again");
        }

        return new IdxFile(path, lengths, data.ToArray());
    }
}
