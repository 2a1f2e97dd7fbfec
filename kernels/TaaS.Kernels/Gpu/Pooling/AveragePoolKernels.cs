using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Average pooling both ways. Backward gathers as max pooling does. Threads stride by the whole grid.</summary>
internal static class AveragePoolKernels
{
    /// <summary>Any windows: a thread sums an output's window. <paramref name="divisor"/> 0 means the elements inside the image.</summary>
    internal static void Forward(ArrayView<float> x, ArrayView<float> y, PoolLayout layout, int divisor, int length)
    {
        for (var i = Grid.GlobalIndex.X; i < length; i += Grid.DimX * Group.DimX)
        {
            var plane = i / layout.OutArea;
            var window = layout.Window(i - plane * layout.OutArea);
            var sum = 0f;
            for (var row = window.Top; row < window.Bottom; row++)
            {
                for (var column = window.Left; column < window.Right; column++)
                {
                    sum += x[plane * layout.Area + row * layout.W + column];
                }
            }

            y[i] = sum / (divisor > 0 ? divisor : window.Count);
        }
    }

    /// <summary>Large windows, such as the whole image: a warp sums an output's window, so that neighbouring lanes read neighbouring elements.</summary>
    internal static void ForwardLarge(ArrayView<float> x, ArrayView<float> y, PoolLayout layout, int divisor, int length)
    {
        // All lanes of a warp have the same output.
        for (var i = Grid.GlobalIndex.X / Warp.WarpSize; i < length; i += Grid.DimX * Group.DimX / Warp.WarpSize)
        {
            var plane = i / layout.OutArea;
            var window = layout.Window(i - plane * layout.OutArea);
            var width = window.Right - window.Left;
            var sum = 0f;
            for (var element = Warp.LaneIdx; element < window.Count; element += Warp.WarpSize)
            {
                var row = element / width;
                sum += x[plane * layout.Area + (window.Top + row) * layout.W + window.Left + element - row * width];
            }

            for (var distance = Warp.WarpSize / 2; distance > 0; distance /= 2)
            {
                sum += Warp.ShuffleXor(sum, distance);
            }

            if (Warp.LaneIdx == 0)
            {
                y[i] = sum / (divisor > 0 ? divisor : window.Count);
            }
        }
    }

    /// <summary>Any windows: a thread gathers one element of dx.</summary>
    internal static void Backward(ArrayView<float> dy, ArrayView<float> dx, PoolLayout layout, int divisor, int length)
    {
        for (var i = Grid.GlobalIndex.X; i < length; i += Grid.DimX * Group.DimX)
        {
            var plane = i / layout.Area;
            var windows = layout.WindowsOver(i - plane * layout.Area);
            var sum = 0f;
            for (var row = windows.Top; row < windows.Bottom; row++)
            {
                for (var column = windows.Left; column < windows.Right; column++)
                {
                    var output = row * layout.OutW + column;
                    sum += dy[plane * layout.OutArea + output] / (divisor > 0 ? divisor : layout.Window(output).Count);
                }
            }

            dx[i] = sum;
        }
    }

    /// <summary>Wide halving layouts at 16-byte addresses: a thread reads four times 16 bytes and writes four outputs.</summary>
    internal static void ForwardHalving(ArrayView<float> x, ArrayView<float> y, PoolLayout layout, int length)
    {
        var (first, step) = (Grid.GlobalIndex.X, Grid.DimX * Group.DimX);
        var (x4, y4) = (x.Cast<Float4>(), y.Cast<Float4>());
        var quads = length / Float4.Count;
        for (var quad = first; quad < quads; quad += step)
        {
            var left = PoolPair.At(layout, quad * Float4.Count).Word;
            var right = PoolPair.At(layout, quad * Float4.Count + 2).Word;
            Float4 upper = x4[left], lower = x4[left + layout.W / Float4.Count], nextUpper = x4[right], nextLower = x4[right + layout.W / Float4.Count];
            y4[quad] = new Float4(
                (upper.X + upper.Y + (lower.X + lower.Y)) * 0.25f,
                (upper.Z + upper.W + (lower.Z + lower.W)) * 0.25f,
                (nextUpper.X + nextUpper.Y + (nextLower.X + nextLower.Y)) * 0.25f,
                (nextUpper.Z + nextUpper.W + (nextLower.Z + nextLower.W)) * 0.25f);
        }

        // Rows have an even number of outputs: one pair may be left over.
        if (first == 0 && quads * Float4.Count < length)
        {
            var last = PoolPair.At(layout, length - 2).Word;
            Float4 upper = x4[last], lower = x4[last + layout.W / Float4.Count];
            y[length - 2] = (upper.X + upper.Y + (lower.X + lower.Y)) * 0.25f;
            y[length - 1] = (upper.Z + upper.W + (lower.Z + lower.W)) * 0.25f;
        }
    }

    /// <summary>Wide halving layouts at 16-byte addresses: a thread reads four outputs and writes four times 16 bytes.</summary>
    internal static void BackwardHalving(ArrayView<float> dy, ArrayView<float> dx, PoolLayout layout, int length)
    {
        var (first, step) = (Grid.GlobalIndex.X, Grid.DimX * Group.DimX);
        var (dy4, dx4) = (dy.Cast<Float4>(), dx.Cast<Float4>());
        var quads = length / Float4.Count;
        for (var quad = first; quad < quads; quad += step)
        {
            var gradient = dy4[quad];
            Spread(dx4, layout, quad * Float4.Count, gradient.X, gradient.Y);
            Spread(dx4, layout, quad * Float4.Count + 2, gradient.Z, gradient.W);
        }

        if (first == 0 && quads * Float4.Count < length)
        {
            Spread(dx4, layout, length - 2, dy[length - 2], dy[length - 1]);
        }
    }

    private static void Spread(ArrayView<Float4> dx4, in PoolLayout layout, int output, float first, float second)
    {
        var word = PoolPair.At(layout, output).Word;
        var shares = new Float4(first * 0.25f, first * 0.25f, second * 0.25f, second * 0.25f);
        dx4[word] = shares;
        dx4[word + layout.W / Float4.Count] = shares;
    }
}
