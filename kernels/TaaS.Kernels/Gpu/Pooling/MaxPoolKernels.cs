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
            var largest = new PoolMaximum(float.NegativeInfinity, window.Top * layout.W + window.Left);
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

    /// <summary>Wide halving layouts at 16-byte addresses: a thread reads four times 16 bytes and writes four outputs and their positions.</summary>
    internal static void ForwardHalving<TFusion>(ArrayView<float> x, ArrayView<float> bias, ArrayView<float> y, ArrayView<int> indices, PoolLayout layout, int length)
        where TFusion : struct, IPoolFusion
    {
        var (first, step) = (Grid.GlobalIndex.X, Grid.DimX * Group.DimX);
        var (x4, y4, indices4) = (x.Cast<Float4>(), y.Cast<Float4>(), indices.Cast<Int4>());
        var quads = length / Float4.Count;
        for (var quad = first; quad < quads; quad += step)
        {
            var (left, right) = (PoolPair.At(layout, quad * Float4.Count), PoolPair.At(layout, quad * Float4.Count + 2));
            var (upper, lower) = (x4[left.Word], x4[left.Word + layout.W / Float4.Count]);
            var (nextUpper, nextLower) = (x4[right.Word], x4[right.Word + layout.W / Float4.Count]);
            var (shift, nextShift) = TFusion.BiasRelu ? (bias[left.Plane % layout.Channels], bias[right.Plane % layout.Channels]) : (0f, 0f);
            var a = Of<TFusion>(upper.X, upper.Y, lower.X, lower.Y, shift, left.Position, layout.W);
            var b = Of<TFusion>(upper.Z, upper.W, lower.Z, lower.W, shift, left.Position + 2, layout.W);
            var c = Of<TFusion>(nextUpper.X, nextUpper.Y, nextLower.X, nextLower.Y, nextShift, right.Position, layout.W);
            var d = Of<TFusion>(nextUpper.Z, nextUpper.W, nextLower.Z, nextLower.W, nextShift, right.Position + 2, layout.W);
            y4[quad] = new Float4(a.Value, b.Value, c.Value, d.Value);
            indices4[quad] = new Int4(a.At, b.At, c.At, d.At);
        }

        // Rows have an even number of outputs: one pair may be left over.
        if (first == 0 && quads * Float4.Count < length)
        {
            var last = PoolPair.At(layout, length - 2);
            var (upper, lower) = (x4[last.Word], x4[last.Word + layout.W / Float4.Count]);
            var shift = TFusion.BiasRelu ? bias[last.Plane % layout.Channels] : 0f;
            var a = Of<TFusion>(upper.X, upper.Y, lower.X, lower.Y, shift, last.Position, layout.W);
            var b = Of<TFusion>(upper.Z, upper.W, lower.Z, lower.W, shift, last.Position + 2, layout.W);
            y[length - 2] = a.Value;
            y[length - 1] = b.Value;
            indices[length - 2] = a.At;
            indices[length - 1] = b.At;
        }
    }

    /// <summary>Halving layouts at 8-byte addresses: a thread reads two times 8 bytes for an output.</summary>
    internal static void ForwardHalvingNarrow<TFusion>(ArrayView<float> x, ArrayView<float> bias, ArrayView<float> y, ArrayView<int> indices, PoolLayout layout, int length)
        where TFusion : struct, IPoolFusion
    {
        var x2 = x.Cast<Float2>();
        for (var i = Grid.GlobalIndex.X; i < length; i += Grid.DimX * Group.DimX)
        {
            var row = i / layout.OutW;
            var plane = row / layout.OutH;
            var column = i - row * layout.OutW;
            var word = row * layout.W + column;
            var (upper, lower) = (x2[word], x2[word + layout.OutW]);
            var position = 2 * ((row - plane * layout.OutH) * layout.W + column);
            var largest = Of<TFusion>(upper.X, upper.Y, lower.X, lower.Y, TFusion.BiasRelu ? bias[plane % layout.Channels] : 0f, position, layout.W);
            y[i] = largest.Value;
            indices[i] = largest.At;
        }
    }

    /// <summary>The largest of a 2×2 window whose first element is at <paramref name="position"/>.</summary>
    private static PoolMaximum Of<TFusion>(float a, float b, float c, float d, float shift, int position, int width)
        where TFusion : struct, IPoolFusion
    {
        var largest = new PoolMaximum(a + shift, position).Or(b + shift, position + 1).Or(c + shift, position + width).Or(d + shift, position + width + 1);
        return TFusion.BiasRelu ? largest.Relu() : largest;
    }
}
