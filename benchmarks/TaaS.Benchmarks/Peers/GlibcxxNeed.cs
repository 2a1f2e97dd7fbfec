using System.Buffers.Binary;
using System.Text;

namespace TaaS.Benchmarks.Peers;

/// <summary>
/// Lets TorchSharp's native part load where libstdc++ is older than GCC 13's, as on Debian 12. It asks for the symbol version GLIBCXX_3.4.32
/// only by a reference that &lt;iostream&gt; leaves behind and nobody calls; here that reference and the need for its version become weak.
/// <b>Source</b>: ELF-64 object file format; Linux Standard Base, symbol versioning.
/// </summary>
internal static class GlibcxxNeed
{
    private const string Version = "GLIBCXX_3.4.32";
    private const ushort WeakVersion = 2;
    private const ushort AnyVersion = 1;
    private const byte WeakBinding = 2;
    private const int SymbolBytes = 24;

    /// <summary>Changes the file in place, once.</summary>
    /// <exception cref="InvalidDataException">Not a 64-bit little-endian ELF file.</exception>
    internal static void Relax(string path)
    {
        var file = File.ReadAllBytes(path);
        if (file.Length < 64 || !file.AsSpan(0, 6).SequenceEqual("\u007FELF\u0002\u0001"u8))
        {
            throw new InvalidDataException($"{path} is not a 64-bit ELF file");
        }

        var sections = ReadSections(file);
        if (FindNeed(file, sections[".gnu.version_r"], sections[".dynstr"]) is not { } need)
        {
            return;
        }

        var flags = U16(file, need + 4);
        if (flags == WeakVersion)
        {
            return;
        }

        var index = U16(file, need + 6);
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(need + 4), WeakVersion);
        var (versions, length) = sections[".gnu.version"];
        for (var symbol = 0; symbol < length / 2; symbol++)
        {
            if (U16(file, versions + 2 * symbol) == index)
            {
                BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(versions + 2 * symbol), AnyVersion);
                ref var info = ref file[sections[".dynsym"].Offset + SymbolBytes * symbol + 4];
                info = (byte)((WeakBinding << 4) | (info & 0xF));
            }
        }

        // A new file in its place: the package cache may hold the old one by a link.
        var temporary = path + ".relaxed";
        File.WriteAllBytes(temporary, file);
        File.Move(temporary, path, overwrite: true);
    }

    private static Dictionary<string, (int Offset, int Length)> ReadSections(byte[] file)
    {
        var table = (int)U64(file, 0x28);
        int entry = U16(file, 0x3A), count = U16(file, 0x3C), names = U16(file, 0x3E);
        var namesAt = (int)U64(file, table + names * entry + 24);
        var sections = new Dictionary<string, (int, int)>(StringComparer.Ordinal);
        for (var i = 0; i < count; i++)
        {
            var header = table + i * entry;
            sections[Text(file, namesAt + (int)U32(file, header))] = ((int)U64(file, header + 24), (int)U64(file, header + 32));
        }

        return sections;
    }

    /// <summary>Where the entry that needs the version lies, if there is one.</summary>
    private static int? FindNeed(byte[] file, (int Offset, int Length) needs, (int Offset, int Length) strings)
    {
        for (var at = needs.Offset; ;)
        {
            var entry = at + (int)U32(file, at + 8);
            for (int left = U16(file, at + 2); left > 0; left--, entry += (int)U32(file, entry + 12))
            {
                if (Text(file, strings.Offset + (int)U32(file, entry + 8)) == Version)
                {
                    return entry;
                }
            }

            var next = (int)U32(file, at + 12);
            if (next == 0)
            {
                return null;
            }

            at += next;
        }
    }

    private static ushort U16(byte[] file, int at) => BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(at));

    private static uint U32(byte[] file, int at) => BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at));

    private static ulong U64(byte[] file, int at) => BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at));

    private static string Text(byte[] file, int at) => Encoding.ASCII.GetString(file.AsSpan(at, file.AsSpan(at).IndexOf((byte)0)));
}
