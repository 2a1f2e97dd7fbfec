using TaaS.Runtime.Compression;

namespace TaaS.Runtime.Tests.Compression;

/// <summary>A push that is sent again. Lost otherwise: a broken line that makes a server apply what the worker never computed.</summary>
public sealed class GradientEncoderTests
{
    [Fact]
    public void SameStepAgain_GivesTheSameBytesAndLeavesTheResidualAlone()
    {
        var (once, again) = (Encoder(), Encoder());
        for (var step = 0; step < 5; step++)
        {
            var expected = once.Encode(1, 0, step, Gradient(step)).ToArray();
            Assert.Equal(expected, again.Encode(1, 0, step, Gradient(step)).ToArray());
            // Another gradient in the memory by then makes no difference.
            Assert.Equal(expected, again.Encode(1, 0, step, Gradient(step + 100)).ToArray());
        }
    }

    [Fact]
    public void NextStep_BringsWhatWasLeftOut()
    {
        var encoder = Encoder();
        float[] decoded = new float[40], sum = new float[40];
        for (var step = 0; step < 40; step++)
        {
            var gradient = Enumerable.Range(0, 40).Select(at => step == 0 ? at + 1f : 0).ToArray();
            new TopKCodec(0.01).Decode(encoder.Encode(0, 0, step, gradient), decoded);
            Assert.Equal(1, decoded.Count(value => value != 0));
            for (var at = 0; at < 40; at++)
            {
                sum[at] += decoded[at];
            }
        }

        Assert.Equal(Enumerable.Range(0, 40).Select(at => at + 1f), sum);
    }

    [Fact]
    public void Slices_KeepTheirOwnResiduals()
    {
        var (alone, beside) = (Encoder(), Encoder());
        for (var step = 0; step < 5; step++)
        {
            beside.Encode(1, 0, step, Gradient(step + 50));
            Assert.Equal(alone.Encode(0, 0, step, Gradient(step)).ToArray(), beside.Encode(0, 0, step, Gradient(step)).ToArray());
        }
    }

    [Fact]
    public void NewGeneration_StartsWithoutResidual_EvenAtTheSameStep()
    {
        var (fresh, old) = (Encoder(), Encoder());
        for (var step = 0; step <= 7; step++)
        {
            old.Encode(0, 1, step, Gradient(step));
        }

        for (var step = 7; step < 10; step++)
        {
            Assert.Equal(fresh.Encode(0, 2, step, Gradient(200 + step)).ToArray(), old.Encode(0, 2, step, Gradient(200 + step)).ToArray());
        }
    }

    [Fact]
    public void SteadyState_AllocatesNothing()
    {
        var encoder = Encoder();
        var gradient = Gradient(1);
        var step = 0;
        Assert.Equal(0, SteadyState.AllocatedBytes(() => encoder.Encode(0, 0, step++, gradient)));
    }

    private static GradientEncoder Encoder() => new(new TopKCodec(0.01), slices: 2);

    private static float[] Gradient(int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, 40).Select(_ => random.NextSingle() - 0.5f)];
    }
}
