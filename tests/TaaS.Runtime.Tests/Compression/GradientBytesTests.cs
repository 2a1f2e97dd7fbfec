using System.Security.Cryptography;
using CsCheck;
using TaaS.Runtime.Compression;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Compression;

/// <summary>The bytes on the wire, frozen, and what decoders make of others. Lost otherwise: releases that garble each other, or a server that any bytes bring down.</summary>
public sealed class GradientBytesTests
{
    private static readonly string[] Names = ["fp16", "bf16", "topk", "1bit", "2bit"];

    private static readonly float[] Known = [1, -2, 0.5f, 0, 8, -0.25f, 3, -6, 1, -1];

    public static TheoryData<string> Codecs => [.. Names];

    [Fact]
    public void Numbers_AreFrozen() =>
        Assert.Equal([0, 1, 2, 3, 4, 5], new[] { "none", "fp16", "bf16", "topk", "1bit", "2bit" }.Select(name => (int)GradientCompression.Of(name, 0.01).Kind));

    [Theory]
    [InlineData("fp16", 0.01, "003C00C00038000000480" + "0B40042" + "00C6003C00BC")]
    [InlineData("bf16", 0.01, "803F00C0003F0000004180BE4040C0C0803F80BF")]
    // One element, the fifth: its value, and four skipped.
    [InlineData("topk", 0.01, "0100000000000000" + "00000041" + "04")]
    // Three, in order of their places; one byte each is no longer than two bytes of bits only for two.
    [InlineData("topk", 0.2, "0200000000000000" + "00000041" + "0000C0C0" + "0402")]
    [InlineData("topk", 0.3, "0300000001000000" + "00000041" + "00004040" + "0000C0C0" + "D000")]
    // Means of 1, ½, 0, 8, 3, 1 and of 2, ¼, 6, 1; signs at 1, 5, 7 and 9.
    [InlineData("1bit", 0.01, "00001040" + "000014C0" + "A202")]
    // Mean magnitude 2.275, so 1.5925 and more is large: 8 and 3, and 2 and 6.
    [InlineData("2bit", 0.01, "0000B040" + "000080C0" + "D200" + "8200")]
    public void KnownGradient_HasTheFrozenBytes(string name, double ratio, string expected)
    {
        var codec = GradientCompression.Of(name, ratio).CreateCodec()!;
        var bytes = new byte[codec.MaxBytes(Known.Length)];
        var length = codec.Encode(Known, new float[codec.HasErrorFeedback ? Known.Length : 0], bytes);
        Assert.Equal(expected, Convert.ToHexString(bytes.AsSpan(0, length)));
    }

    [Theory]
    [InlineData("fp16", "51D15A07AE2F0A44")]
    [InlineData("bf16", "BEF585EF7766A954")]
    [InlineData("topk", "A28E1D749424DC03")]
    [InlineData("1bit", "5892BC3574B92119")]
    [InlineData("2bit", "E46B4D0A7C7B667B")]
    public void LongGradient_HasTheFrozenHash_WhateverTheProcessor(string name, string expected)
    {
        // Thirds are rounded, so that an order of additions that differs between widths of vectors shows.
        var state = 1u;
        var gradient = new float[5000];
        for (var at = 0; at < gradient.Length; at++)
        {
            state = state * 1664525 + 1013904223;
            gradient[at] = ((int)state >> 8) / 3f;
        }

        var codec = GradientCompression.Of(name, 0.01).CreateCodec()!;
        var bytes = new byte[codec.MaxBytes(gradient.Length)];
        var length = codec.Encode(gradient, new float[codec.HasErrorFeedback ? gradient.Length : 0], bytes);
        Assert.Equal(expected, $"{Convert.ToHexString(SHA256.HashData(bytes.AsSpan(0, length)))[..16]}");
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void AnyBytes_DecodeOrAreRefused(string name)
    {
        var codec = GradientCompression.Of(name, 0.05).CreateCodec()!;
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[1, 600]).Sample((bytes, elements) => DecodeGuarded(codec, bytes, elements), iter: 20_000);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void DamagedBytes_DecodeOrAreRefused(string name)
    {
        // Near to what is right, so that every check is reached.
        Gen.Select(Gen.Int[1, 600], Gen.Double[0.002, 0.3], Gen.Int, Gen.Int[0, 4]).Sample(
            (elements, ratio, seed, damage) =>
            {
                var codec = GradientCompression.Of(name, ratio).CreateCodec()!;
                var random = new Random(seed);
                var gradient = Enumerable.Range(0, elements).Select(_ => random.NextSingle() - 0.5f).ToArray();
                var bytes = new byte[codec.MaxBytes(elements)];
                bytes = bytes[..codec.Encode(gradient, new float[codec.HasErrorFeedback ? elements : 0], bytes)];
                for (var change = 0; change < damage; change++)
                {
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                }

                DecodeGuarded(codec, bytes[..(bytes.Length - random.Next(2))], Math.Max(1, elements + random.Next(-1, 2)));
            },
            iter: 20_000);
    }

    [Theory]
    [InlineData("fp16", "00", "4 elements take 8 bytes, 1 came")]
    [InlineData("2bit", "", "4 elements take 10 bytes, 0 came")]
    [InlineData("topk", "010000", "it starts with 8 bytes, 3 came")]
    [InlineData("topk", "0500000000000000", "it announces 5 elements of 4 in 0 bytes")]
    [InlineData("topk", "0100000000000000", "it announces 1 elements of 4 in 0 bytes")]
    [InlineData("topk", "FFFFFFFF00000000", "it announces 4294967295 elements of 4")]
    [InlineData("topk", "0000000002000000", "its places are in form 2, known are 0 and 1")]
    [InlineData("topk", "0100000000000000" + "0000803F", "its places end early")]
    [InlineData("topk", "0100000000000000" + "0000803F" + "04", "it names element 4 of 4")]
    [InlineData("topk", "0100000000000000" + "0000803F" + "FFFFFFFF7F", "it names element 34359738367 of 4")]
    [InlineData("topk", "0100000000000000" + "0000803F" + "8080808080", "a place takes more than 5 bytes")]
    [InlineData("topk", "0100000000000000" + "0000803F" + "0000", "1 bytes follow its end")]
    [InlineData("topk", "0100000001000000" + "0000803F", "4 elements take 1 bytes, 0 came")]
    [InlineData("topk", "0100000001000000" + "0000803F" + "10", "its bits name element 4 of 4")]
    [InlineData("topk", "0100000001000000" + "0000803F" + "03", "its bits name element 1 of 4, with 0 values left")]
    [InlineData("topk", "0100000001000000" + "0000803F" + "00", "1 values have no place")]
    public void WrongBytes_AreRefusedWithTheReason(string name, string hex, string reason)
    {
        var error = Assert.Throws<TransportException>(() => GradientCompression.Of(name, 0.5).CreateCodec()!.Decode(Convert.FromHexString(hex), new float[4]));
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.True(error.Final);
    }

    [Theory]
    [InlineData("zip", 0.01, "the compression 'zip' is not known; choose none, fp16, bf16, topk, 1bit or 2bit")]
    [InlineData("topk", 0, "above 0 and up to 1, not 0")]
    [InlineData("topk", double.NaN, "above 0 and up to 1, not NaN")]
    public void UnknownCompression_IsRefused(string name, double ratio, string reason) =>
        Assert.Contains(reason, Assert.Throws<TrainingException>(() => GradientCompression.Of(name, ratio)).Message, StringComparison.Ordinal);

    // Walls around the target show whether anything was written beyond it.
    private static void DecodeGuarded(IGradientCodec codec, byte[] bytes, int elements)
    {
        const int wall = 32;
        var memory = new float[elements + 2 * wall];
        Array.Fill(memory, 77);
        try
        {
            codec.Decode(bytes, memory.AsSpan(wall, elements));
        }
        catch (TransportException error)
        {
            Assert.Contains("gradient cannot be decoded", error.Message, StringComparison.Ordinal);
        }

        Assert.All(memory[..wall].Concat(memory[^wall..]), value => Assert.Equal(77, value));
    }
}
