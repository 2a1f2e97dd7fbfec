using System.ComponentModel;
using System.Diagnostics;
using CsCheck;
using TaaS.Runtime.Summaries;

namespace TaaS.Runtime.Tests.Summaries;

/// <summary>The framing of event files. Lost otherwise: files that TensorBoard takes for damaged.</summary>
public sealed class RecordWriterTests
{
    // RFC 3720, appendix B.4, and the usual check value.
    public static TheoryData<byte[], uint> Published => new()
    {
        { new byte[32], 0x8A9136AA },
        { Enumerable.Repeat(byte.MaxValue, 32).ToArray(), 0x62A8AB43 },
        { Enumerable.Range(0, 32).Select(i => (byte)i).ToArray(), 0x46DD794E },
        { Enumerable.Range(0, 32).Select(i => (byte)(31 - i)).ToArray(), 0x113FDB5C },
        { "123456789"u8.ToArray(), 0xE3069283 },
        { [], 0 },
    };

    [Theory]
    [MemberData(nameof(Published))]
    public void Crc32C_PublishedVector_Agrees(byte[] data, uint expected) => Assert.Equal(expected, RecordWriter.Crc32C(data));

    [Fact]
    public void Crc32C_AnyBytes_IsWhatTheDefinitionGives() =>
        Gen.Byte.Array[0, 100].Sample(data => Assert.Equal(EventReader.Checksum(data), RecordWriter.Crc32C(data)));

    [Fact]
    public void Write_TwoRecords_GoldenBytes()
    {
        var file = new MemoryStream();
        using (var records = new RecordWriter(file))
        {
            records.Write("hello"u8);
            records.Write(default);
        }

        Assert.Equal(
            "0500000000000000" + "EAB2043E" + "68656C6C6F" + "BB1F1C19" +
            "0000000000000000" + "29039807" + "D8EA82A2",
            Convert.ToHexString(file.ToArray()));
    }

    [SkippableFact]
    public void Write_Records_PassAnotherProgramsChecksums()
    {
        const string Script = """
            import crcmod.predefined, struct, sys
            crc = crcmod.predefined.mkCrcFun('crc-32c')
            def masked(data):
                sum = crc(data)
                return ((sum >> 15 | sum << 17) + 0xa282ead8) & 0xffffffff
            content, at, count = sys.stdin.buffer.read(), 0, 0
            while at < len(content):
                length, = struct.unpack_from('<Q', content, at)
                assert struct.unpack_from('<I', content, at + 8)[0] == masked(content[at:at + 8])
                assert struct.unpack_from('<I', content, at + 12 + length)[0] == masked(content[at + 12:at + 12 + length])
                at += length + 16
                count += 1
            print(count)
            """;
        Skip.IfNot(Python("import crcmod", []) == "", "Python's crcmod is not here (Debian package python3-crcmod)");
        var file = new MemoryStream();
        using (var records = new RecordWriter(file))
        {
            records.Write(default);
            records.Write("one"u8);
            records.Write(new byte[4099]);
        }

        Assert.Equal("3", Python(Script, file.ToArray()));
    }

    [Fact]
    public void Write_AnyRecords_AreReadBack() =>
        Gen.Byte.Array[0, 300].List[0, 8].Sample(records =>
        {
            var file = new MemoryStream();
            using (var writer = new RecordWriter(file))
            {
                records.ForEach(record => writer.Write(record));
            }

            Assert.Equal(records.Select(Convert.ToHexString), EventReader.Records(file.ToArray()).Select(Convert.ToHexString));
        });

    /// <summary>What a script prints; null if it fails or there is no Python.</summary>
    private static string? Python(string script, byte[] input)
    {
        try
        {
            using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", script]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
            python.StandardInput.BaseStream.Write(input);
            python.StandardInput.Close();
            var output = python.StandardOutput.ReadToEnd();
            python.WaitForExit();
            return python.ExitCode == 0 ? output.Trim() : null;
        }
        catch (Win32Exception)
        {
            return null;
        }
    }
}
