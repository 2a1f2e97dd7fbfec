using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Max pooling forward. Threads stride over the outputs of all planes by the whole grid.</summary>
internal static class MaxPoolKernels
{
    /// <summary>Any windows: a thread walks an output's window row by row.</summary>
    internal static void Forward<TFusion>(ArrayView<float> x, ArrayView<float> bias, ArrayView<float> y, ArrayView<int> indices, PoolLayout layout, int length)
        where TFusion : struct, IPoolFusion
    {
        for (var i = Grid.GlobalIndex.X; i < length; i += Grid.DimX * Group.DimX)
        {
            var plane = i / layout.OutArea;
            var window = layout.Window(i - plane * layout.OutArea);
            var shift = TFusion.BiasRelu ? bias[plane % layout.Channels] : 0f;
            var largest = new Largest(float.NegativeInfinity, window.Top * layout.W + window.Left);
            for (var row = window.Top; row < window.Bottom; row++)
            {
                for (var column = window.Left; column < window.Right; column++)
                {
                    var at = row * layout.W + column;
                    largest = largest.Or(x[plane * layout.Area + at] + shift, at);
                }
            }

            if (TFusion.BiasRelu)
            {
                largest = largest.Relu();
            }

            y[i] = largest.Value;
            indices[i] = largest.At;
        }
    }

    /// <summary>Halving layouts at 16-byte addresses: a thread reads four times 16 bytes and writes four outputs and their positions.</summary>
    internal static void ForwardHalving<TFusion>(ArrayView<float> x, ArrayView<float> bias, ArrayView<float> y, ArrayView<int> indices, PoolLayout layout, int length)
        where TFusion : struct, IPoolFusion
    {
        var (first, step) = (Grid.GlobalIndex.X, Grid.DimX * Group.DimX);
        var (x4, y4, indices4) = (x.Cast<Float4>(), y.Cast<Float4>(), indices.Cast<Int4>());
        var quads = length / Float4.Count;
        for (var quad = first; quad < quads; quad += step)
        {
            var left = Pair<TFusion>(x4, bias, layout, quad * Float4.Count);
            var right = Pair<TFusion>(x4, bias, layout, quad * Float4.Count + 2);
            y4[quad] = new Float4(left.First.Value, left.Second.Value, right.First.Value, right.Second.Value);
            indices4[quad] = new Int4(left.First.At, left.Second.At, right.First.At, right.Second.At);
        }

        // Rows have an even number of outputs: one pair may be left over.
        if (first == 0 && quads * Float4.Count < length)
        {
            var last = Pair<TFusion>(x4, bias, layout, length - 2);
            y[length - 2] = last.First.Value;
            y[length - 1] = last.Second.Value;
            indices[length - 2] = last.First.At;
            indices[length - 1] = last.Second.At;
        }
    }

    /// <summary>Two neighbouring outputs, the first counted over all planes.</summary>
    private static LargestPair Pair<TFusion>(ArrayView<Float4> x4, ArrayView<float> bias, in PoolLayout layout, int output)
        where TFusion : struct, IPoolFusion
    {
        var row = output / layout.OutW;
        var column = 2 * (output - row * layout.OutW);
        var plane = row / layout.OutH;
        var position = 2 * (row - plane * layout.OutH) * layout.W + column;
        var word = (2 * row * layout.W + column) / Float4.Count;
        var upper = x4[word];
        var lower = x4[word + layout.W / Float4.Count];
        var shift = TFusion.BiasRelu ? bias[plane % layout.Channels] : 0f;
        var below = position + layout.W;
        var left = new Largest(upper.X + shift, position).Or(upper.Y + shift, position + 1).Or(lower.X + shift, below).Or(lower.Y + shift, below + 1);
        var right = new Largest(upper.Z + shift, position + 2).Or(upper.W + shift, position + 3).Or(lower.Z + shift, below + 2).Or(lower.W + shift, below + 3);
        return TFusion.BiasRelu ? new LargestPair(left.Relu(), right.Relu()) : new LargestPair(left, right);
    }

    private struct LargestPair(Largest first, Largest second)
    {
        internal Largest First = first;
        internal Largest Second = second;
    }
}
