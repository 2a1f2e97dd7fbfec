using CsCheck;
using TaaS.Runtime.Compression;

namespace TaaS.Runtime.Tests.Compression;

/// <summary>fp16 and bf16 beside the platform's own conversions. Lost otherwise: gradients off by a bit, or one overflow that ends a training.</summary>
public sealed class NarrowFloatCodecTests
{
    private static readonly IGradientCodec Half = new GradientCompression(CompressionKind.Float16).CreateCodec()!;
    private static readonly IGradientCodec Brain = new GradientCompression(CompressionKind.BFloat16).CreateCodec()!;

    [Fact]
    public void Float16_AnyBits_RoundsAsThePlatformDoes() => Gen.UInt.Array[1, 100].Sample(
        patterns =>
        {
            var values = Floats(patterns);
            var decoded = RoundTrip(Half, values);
            for (var at = 0; at < values.Length; at++)
            {
                // A finite value stays finite: the one difference to IEEE 754.
                var expected = float.IsFinite(values[at]) ? Math.Clamp(values[at], -65504f, 65504f) : values[at];
                Assert.Equal((float)(System.Half)expected, decoded[at]);
            }
        },
        iter: 20_000);

    [Fact]
    public void Float16_NearEveryBoundary_RoundsAsThePlatformDoes()
    {
        // Every value of the format, the midpoints to the next, and both neighbours of each midpoint.
        for (var pattern = 0u; pattern < 0x7bff; pattern++)
        {
            var low = (float)BitConverter.UInt16BitsToHalf((ushort)pattern);
            var middle = (low + (float)BitConverter.UInt16BitsToHalf((ushort)(pattern + 1))) / 2;
            float[] values = [low, -low, middle, -middle, float.BitIncrement(middle), float.BitDecrement(middle)];
            Assert.Equal(values.Select(value => (float)(System.Half)value), RoundTrip(Half, values));
        }
    }

    [Fact]
    public void Float16_EveryPattern_DecodesAsThePlatformDoes()
    {
        var bytes = new byte[2 * 65536];
        for (var pattern = 0; pattern < 65536; pattern++)
        {
            BitConverter.TryWriteBytes(bytes.AsSpan(2 * pattern), (ushort)pattern);
        }

        var decoded = new float[65536];
        Half.Decode(bytes, decoded);
        for (var pattern = 0; pattern < decoded.Length; pattern++)
        {
            Assert.Equal((float)BitConverter.UInt16BitsToHalf((ushort)pattern), decoded[pattern]);
        }
    }

    [Theory]
    [InlineData(1.00390625f, 1f)] // Halfway between 1 and 1 + 2⁻⁷: to the even one.
    [InlineData(1.01171875f, 1.015625f)] // Halfway above: to the even one.
    [InlineData(1.0039064f, 1.0078125f)]
    [InlineData(-1.00390625f, -1f)]
    [InlineData(1e-40f, 9.18355E-41f)]
    [InlineData(float.MaxValue, 3.3895314E+38f)]
    [InlineData(float.MinValue, -3.3895314E+38f)]
    [InlineData(float.PositiveInfinity, float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity, float.NegativeInfinity)]
    [InlineData(float.NaN, float.NaN)]
    public void BFloat16_RoundsToNearestEvenAndStaysFinite(float value, float expected) =>
        Assert.Equal(expected, RoundTrip(Brain, [value])[0]);

    [Fact]
    public void BFloat16_AnyBits_IsTheNearestValueOfTheFormat() => Gen.UInt.Array[1, 100].Sample(
        patterns =>
        {
            var values = Floats(patterns);
            var decoded = RoundTrip(Brain, values);
            for (var at = 0; at < values.Length; at++)
            {
                var got = BitConverter.SingleToUInt32Bits(decoded[at]);
                Assert.Equal(0u, got & 0xffff);
                Assert.Equal((float.IsNaN(values[at]), float.IsInfinity(values[at])), (float.IsNaN(decoded[at]), float.IsInfinity(decoded[at])));
                if (float.IsFinite(values[at]) && (got & 0x7fff_0000) < 0x7f7f_0000)
                {
                    var (above, below) = (BitConverter.UInt32BitsToSingle(got + 0x10000), BitConverter.UInt32BitsToSingle(got - 0x10000));
                    var error = Math.Abs((double)values[at] - decoded[at]);
                    Assert.True(error <= Math.Abs((double)values[at] - above) && ((got & 0x7fff_0000) == 0 || error <= Math.Abs((double)values[at] - below)), $"{values[at]:R} became {decoded[at]:R}");
                }
            }
        },
        iter: 20_000);

    private static float[] Floats(uint[] patterns) => [.. patterns.Select(BitConverter.UInt32BitsToSingle)];

    private static float[] RoundTrip(IGradientCodec codec, float[] values)
    {
        var bytes = new byte[codec.MaxBytes(values.Length)];
        Assert.Equal(2 * values.Length, codec.Encode(values, [], bytes));
        var decoded = new float[values.Length];
        codec.Decode(bytes, decoded);
        return decoded;
    }
}
