using CsCheck;
using TaaS.Runtime.Compression;

namespace TaaS.Runtime.Tests.Compression;

/// <summary>What codecs with error feedback promise. Lost otherwise: gradients that vanish on the way, and training that stalls for no visible reason.</summary>
public sealed class ErrorFeedbackTests
{
    public static TheoryData<string, double> Lossy => new() { { "topk", 0.01 }, { "topk", 0.2 }, { "topk", 1 }, { "1bit", 0.01 }, { "2bit", 0.01 } };

    // Lengths around the groups of 16 and the blocks of 512, values of very different sizes, many equal, many zero.
    private static readonly Gen<float[]> Gradient = Gen.OneOf(
        Gen.Float[-1, 1],
        Gen.Float[-1e-6f, 1e-6f],
        Gen.Float[-1e6f, 1e6f],
        Gen.Int[-2, 2].Select(value => (float)value)).Array[1, 1500];

    [Theory]
    [MemberData(nameof(Lossy))]
    public void DecodedAndResidual_AddUpToWhatWentIn(string name, double ratio)
    {
        var codec = Codec(name, ratio);
        Gen.Select(Gradient, Gen.Int).Sample((gradient, seed) =>
        {
            var before = Noise(new Random(seed), gradient.Length);
            var residual = before.ToArray();
            var decoded = Exchange(codec, gradient, residual);
            for (var at = 0; at < gradient.Length; at++)
            {
                var sum = gradient[at] + before[at];
                // Sent or kept as it is; or, where a mean stands for it, one subtraction away.
                var rounding = name == "topk" ? 0 : Math.ScaleB(Math.Abs((double)sum) + Math.Abs((double)decoded[at]), -24);
                Assert.True(Math.Abs((double)decoded[at] + residual[at] - sum) <= rounding, $"element {at}: {decoded[at]:R} + {residual[at]:R} is not {sum:R}");
            }
        });
    }

    [Theory]
    [MemberData(nameof(Lossy))]
    public void Residual_IsNoLongerThanWhatWentIn(string name, double ratio)
    {
        var codec = Codec(name, ratio);
        Gradient.Sample(gradient =>
        {
            var residual = new float[gradient.Length];
            Exchange(codec, gradient, residual);
            Assert.True(Squares(residual) <= Squares(gradient) * (1 + 1e-5), $"{Squares(residual)} of {Squares(gradient)}");
        });
    }

    [Theory]
    [MemberData(nameof(Lossy))]
    public void ManySteps_SumOfDecoded_IsTheSumOfGradientsUpToOneResidual(string name, double ratio)
    {
        const int elements = 1100;
        var codec = Codec(name, ratio);
        var random = new Random(5);
        var direction = Noise(random, elements);
        var residual = new float[elements];
        var (given, received) = (new double[elements], new double[elements]);
        var halfway = 0.0;
        for (var step = 1; step <= 2000; step++)
        {
            var gradient = Noise(random, elements);
            for (var at = 0; at < elements; at++)
            {
                gradient[at] += direction[at];
            }

            var decoded = Exchange(codec, gradient, residual);
            for (var at = 0; at < elements; at++)
            {
                given[at] += gradient[at];
                received[at] += decoded[at];
            }

            halfway = step == 1000 ? Squares(residual) : halfway;
        }

        var difference = given.Zip(received, (a, b) => (a - b) * (a - b)).Sum();
        Assert.Equal(Squares(residual), difference, Squares(residual) * 1e-2 + 1e-3);
        // What is kept back does not grow with the number of steps, so the mean of what is sent goes to the mean of the gradients.
        Assert.True(Squares(residual) <= 2 * halfway + 1e-9, $"{halfway} after 1000 steps, {Squares(residual)} after 2000");
        Assert.True(Math.Sqrt(difference) / Math.Sqrt(given.Sum(value => value * value)) < 0.15);
    }

    [Theory]
    [MemberData(nameof(Lossy))]
    public void NotFinite_IsNotHidden(string name, double ratio)
    {
        foreach (var value in new[] { float.NaN, -float.NaN, float.PositiveInfinity, float.NegativeInfinity })
        {
            var gradient = Noise(new Random(3), 700);
            gradient[600] = value;
            Assert.Contains(Exchange(Codec(name, ratio), gradient, new float[700]), decoded => !float.IsFinite(decoded));
        }
    }

    [Fact]
    public void TopK_TakesTheLargest() => Gen.Select(Gradient, Gen.Double[0.001, 1]).Sample((gradient, ratio) =>
    {
        var decoded = Exchange(new TopKCodec(ratio), gradient, new float[gradient.Length]);
        var most = Math.Max(1, (int)Math.Ceiling(gradient.Length * ratio));
        var expected = gradient.Select((value, at) => (Magnitude: Math.Abs(value), At: at)).Where(entry => entry.Magnitude > 0)
            .OrderByDescending(entry => entry.Magnitude).ThenBy(entry => entry.At).Take(most).Select(entry => entry.At).Order();
        Assert.Equal(expected, Enumerable.Range(0, decoded.Length).Where(at => decoded[at] != 0));
    });

    [Fact]
    public void TwoBit_KeepsSmallElementsBack_AndSendsNoNoiseForZeros()
    {
        float[] gradient = [4, -4, 0.5f, -0.5f, 0, 6, -8, 0];
        var residual = new float[8];
        Assert.Equal([5, -6, 0, 0, 0, 5, -6, 0], Exchange(new TwoBitCodec(), gradient, residual));
        Assert.Equal([-1, 2, 0.5f, -0.5f, 0, 1, -2, 0], residual);
    }

    [Theory]
    [InlineData("fp16", 262144, 2 * 262144)]
    [InlineData("bf16", 1, 2)]
    [InlineData("1bit", 262144, 262144 / 8 + 512 * 8)]
    [InlineData("1bit", 515, 64 + 8 + 1 + 8)]
    [InlineData("2bit", 262144, 262144 / 4 + 512 * 8)]
    [InlineData("2bit", 513, 128 + 8 + 2 + 8)]
    public void Size_FollowsFromTheNumberOfElements(string name, int elements, int expected)
    {
        var codec = Codec(name, 0.01);
        var bytes = new byte[codec.MaxBytes(elements)];
        Assert.Equal((expected, expected), (bytes.Length, codec.Encode(new float[elements], new float[codec.HasErrorFeedback ? elements : 0], bytes)));
    }

    [Fact]
    public void TopK_OneInAHundred_TakesLessThanASixtiethOfF32()
    {
        var codec = Codec("topk", 0.01);
        var bytes = new byte[codec.MaxBytes(262144)];
        Assert.InRange(codec.Encode(Noise(new Random(1), 262144), new float[262144], bytes), 8 + 2622 * 5, 262144 * 4 / 60);
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(2, 8 + 2 * 5)]
    public void TopK_SendsNoZeros(int others, int expected)
    {
        var gradient = new float[1000];
        gradient.AsSpan(100, others).Fill(-1);
        var codec = Codec("topk", 0.01);
        Assert.Equal(expected, codec.Encode(gradient, new float[1000], new byte[codec.MaxBytes(1000)]));
    }

    [Fact]
    public void TopK_NeverTakesMoreThanPromised() => Gen.Select(Gradient, Gen.Double[0.001, 1]).Sample((gradient, ratio) =>
    {
        var codec = new TopKCodec(ratio);
        // Encode slices exactly: one byte more would be an error.
        codec.Encode(gradient, new float[gradient.Length], new byte[codec.MaxBytes(gradient.Length)]);
    });

    [Theory]
    [MemberData(nameof(Lossy))]
    public void SteadyState_AllocatesNothing(string name, double ratio)
    {
        var codec = Codec(name, ratio);
        var gradient = Noise(new Random(1), 5000);
        var (residual, decoded, bytes) = (new float[5000], new float[5000], new byte[codec.MaxBytes(5000)]);
        Assert.Equal(0, SteadyState.AllocatedBytes(() => codec.Decode(bytes.AsSpan(0, codec.Encode(gradient, residual, bytes)), decoded)));
    }

    private static IGradientCodec Codec(string name, double ratio) => GradientCompression.Of(name, ratio).CreateCodec()!;

    private static float[] Exchange(IGradientCodec codec, float[] gradient, float[] residual)
    {
        var bytes = new byte[codec.MaxBytes(gradient.Length)];
        var length = codec.Encode(gradient, residual, bytes);
        var decoded = new float[gradient.Length];
        codec.Decode(bytes.AsSpan(0, length), decoded);
        return decoded;
    }

    private static float[] Noise(Random random, int elements) => [.. Enumerable.Range(0, elements).Select(_ => random.NextSingle() - 0.5f)];

    private static double Squares(float[] values) => values.Sum(value => (double)value * value);
}
