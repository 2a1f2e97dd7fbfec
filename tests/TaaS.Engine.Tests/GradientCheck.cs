using TaaS.Kernels;
using TaaS.Kernels.Reference;

namespace TaaS.Engine.Tests;

/// <summary>Compares reverse mode with central differences, in the direction of a random vector and element by element.</summary>
internal static class GradientCheck
{
    private const float Step = 1e-2f;

    public static Device Device => ReferenceDevice.Instance;

    /// <summary>Values away from 0 and from each other, so that no kink lies within a step.</summary>
    public static Tensor Input(int seed, params int[] lengths)
    {
        var shape = new Shape(lengths);
        var random = new Random(seed);
        var values = new float[shape.Elements];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = (random.Next(2) == 0 ? -1 : 1) * (0.2f + 1.5f * (i + 0.5f) / values.Length);
        }

        random.Shuffle(values);
        var tensor = Tensor.From(values, shape, Device);
        tensor.RequiresGrad = true;
        return tensor;
    }

    /// <summary>Checks d(w·f)/dx for fixed random weights w over the outputs.</summary>
    public static void Check(Func<Tensor[], Tensor> function, params Tensor[] inputs)
    {
        var output = function(inputs);
        var random = new Random(7);
        var weights = new float[output.Shape.Elements];
        for (var i = 0; i < weights.Length; i++)
        {
            weights[i] = random.NextSingle() * 2 - 1;
        }

        output.Backward(Tensor.From(weights, output.Shape, Device));
        foreach (var input in inputs)
        {
            if (!input.RequiresGrad)
            {
                continue;
            }

            Assert.NotNull(input.Grad);
            Assert.Equal(input.Shape, input.Grad.Shape);
            var actual = input.Grad.ToArray();
            var values = input.View.Floats;
            for (var i = 0; i < values.Length; i++)
            {
                var kept = values[i];
                values[i] = kept + Step;
                var above = Dot(function(inputs).ToArray(), weights);
                values[i] = kept - Step;
                var below = Dot(function(inputs).ToArray(), weights);
                values[i] = kept;
                var expected = (above - below) / (2 * Step);
                Assert.True(Math.Abs(actual[i] - expected) <= 2e-2 * (1 + Math.Abs(expected)), $"element {i} of {input}: reverse mode {actual[i]}, differences {expected}");
            }
        }
    }

    private static double Dot(float[] a, float[] b)
    {
        double sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            sum += (double)a[i] * b[i];
        }

        return sum;
    }
}
