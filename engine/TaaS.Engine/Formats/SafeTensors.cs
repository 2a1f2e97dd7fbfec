using System.Buffers.Binary;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Engine.Formats;

/// <summary>Named tensors and strings in a file that any safetensors library reads. <b>Source</b>: huggingface/safetensors, README "Format".</summary>
/// <param name="Tensors">Tensors by name, contiguous.</param>
/// <param name="Metadata">Free strings by name.</param>
public sealed record SafeTensors(IReadOnlyDictionary<string, Tensor> Tensors, IReadOnlyDictionary<string, string> Metadata)
{
    private const int LengthBytes = sizeof(ulong);

    /// <summary>Writes a file in one piece: a reader finds the old one or the new one, also after a crash or on a full disk. Tensors in name order.</summary>
    /// <exception cref="SafeTensorsException">The file could not be written; one that was there is whole.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors, IReadOnlyDictionary<string, string>? metadata = null)
    {
        var names = tensors.Keys.Order(StringComparer.Ordinal).ToArray();
        var entries = new List<SafeTensorsEntry>(names.Length);
        long at = 0;
        foreach (var name in names)
        {
            var tensor = tensors[name];
            var end = at + tensor.Shape.Elements * sizeof(float);
            entries.Add(new SafeTensorsEntry(name, tensor.DType, tensor.Shape, at, end));
            at = end;
        }

        var header = new SafeTensorsHeader(entries, metadata ?? new Dictionary<string, string>()).ToBytes();
        try
        {
            AtomicFile.Write(path, stream =>
            {
                Span<byte> length = stackalloc byte[LengthBytes];
                BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
                stream.Write(length);
                stream.Write(header);
                foreach (var name in names)
                {
                    stream.Write(BytesOf(tensors[name].To(CpuDevice.Instance).Contiguous()));
                }
            });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SafeTensorsException($"{path} could not be written: {error.Message}; free some space or choose another folder (a file that was there is whole)", error);
        }
    }

    /// <summary>Reads and checks a file.</summary>
    /// <exception cref="SafeTensorsException">Missing, truncated, corrupt, or of a type that is not supported.</exception>
    public static SafeTensors Load(string path, Device device)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return Read(path, file, device);
        }
        catch (EndOfStreamException error)
        {
            throw new SafeTensorsException($"{path} is truncated or corrupt: it ends too early; use another checkpoint", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new SafeTensorsException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static SafeTensors Read(string path, FileStream file, Device device)
    {
        Span<byte> length = stackalloc byte[LengthBytes];
        file.ReadExactly(length);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(length);
        if (headerLength > SafeTensorsHeader.LongestHeader || (long)headerLength > file.Length - LengthBytes)
        {
            throw SafeTensorsHeader.Corrupt(path, $"it announces a header of {headerLength} bytes in a file of {file.Length}");
        }

        var bytes = new byte[(int)headerLength];
        file.ReadExactly(bytes);
        var header = SafeTensorsHeader.Parse(path, bytes, file.Length - file.Position);
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var entry in header.Entries)
        {
            var tensor = Tensor.Empty(entry.Shape, CpuDevice.Instance, entry.DType);
            file.ReadExactly(BytesOf(tensor));
            tensors.Add(entry.Name, tensor.To(device));
        }

        return new SafeTensors(tensors, header.Metadata);
    }

    private static Span<byte> BytesOf(Tensor contiguous) =>
        ((HostBuffer)contiguous.View.Buffer).Bytes.Slice((int)contiguous.View.Offset * sizeof(float), (int)contiguous.Shape.Elements * sizeof(float));
}
