using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>
/// Max pooling backward, without atomics: whoever writes an element of dx looks at the windows over it. Groups are shared out evenly among the
/// channels, so that each warp's share of the bias' gradient has one owner; a second launch adds the shares in a fixed order.
/// </summary>
internal static class MaxPoolGradientKernels
{
    /// <summary>Any windows: a thread gathers one element of dx.</summary>
    internal static void Backward<TFusion>(ArrayView<float> dy, ArrayView<int> indices, ArrayView<float> dx, ArrayView<float> shares, PoolLayout layout, int parts)
        where TFusion : struct, IPoolFusion
    {
        var (channel, part) = (Grid.IdxX / parts, Grid.IdxX % parts);
        var items = layout.Images * layout.Area;
        var sum = 0f;
        for (var item = part * Group.DimX + Group.IdxX; item < items; item += parts * Group.DimX)
        {
            var image = item / layout.Area;
            var at = item - image * layout.Area;
            var plane = image * layout.Channels + channel;
            var windows = layout.WindowsOver(at);
            var gathered = 0f;
            for (var row = windows.Top; row < windows.Bottom; row++)
            {
                for (var column = windows.Left; column < windows.Right; column++)
                {
                    var output = plane * layout.OutArea + row * layout.OutW + column;
                    gathered += indices[output] == at ? dy[output] : 0f;
                }
            }

            dx[plane * layout.Area + at] = gathered;
            sum += gathered;
        }

        if (TFusion.BiasRelu)
        {
            KeepShare(shares, sum);
        }
    }

    /// <summary>Wide halving layouts with planes at 16-byte addresses: a thread reads four outputs and their positions and writes four times 16 bytes, chosen or not.</summary>
    internal static void BackwardHalving<TFusion>(ArrayView<float> dy, ArrayView<int> indices, ArrayView<float> dx, ArrayView<float> shares, PoolLayout layout, int parts)
        where TFusion : struct, IPoolFusion
    {
        var (channel, part) = (Grid.IdxX / parts, Grid.IdxX % parts);
        var (dy4, indices4, dx4) = (dy.Cast<Float4>(), indices.Cast<Int4>(), dx.Cast<Float4>());
        var quads = layout.OutArea / Float4.Count;
        var sum = 0f;
        for (var item = part * Group.DimX + Group.IdxX; item < layout.Images * quads; item += parts * Group.DimX)
        {
            var image = item / quads;
            var quad = item - image * quads;
            var plane = image * layout.Channels + channel;
            var gradient = dy4[plane * quads + quad];
            var winner = indices4[plane * quads + quad];
            Pair(dx4, layout, plane, quad * Float4.Count, gradient.X, winner.X, gradient.Y, winner.Y);
            Pair(dx4, layout, plane, quad * Float4.Count + 2, gradient.Z, winner.Z, gradient.W, winner.W);
            sum += Carried(gradient.X, winner.X) + Carried(gradient.Y, winner.Y) + (Carried(gradient.Z, winner.Z) + Carried(gradient.W, winner.W));
        }

        if (TFusion.BiasRelu)
        {
            KeepShare(shares, sum);
        }
    }

    /// <summary>Halving layouts at 8-byte addresses: a thread writes two times 8 bytes for an output, chosen or not.</summary>
    internal static void BackwardHalvingNarrow<TFusion>(ArrayView<float> dy, ArrayView<int> indices, ArrayView<float> dx, ArrayView<float> shares, PoolLayout layout, int parts)
        where TFusion : struct, IPoolFusion
    {
        var (channel, part) = (Grid.IdxX / parts, Grid.IdxX % parts);
        var dx2 = dx.Cast<Float2>();
        var items = layout.Images * layout.OutArea;
        var sum = 0f;
        for (var item = part * Group.DimX + Group.IdxX; item < items; item += parts * Group.DimX)
        {
            var image = item / layout.OutArea;
            var output = item - image * layout.OutArea;
            var plane = image * layout.Channels + channel;
            var (gradient, winner) = (dy[plane * layout.OutArea + output], indices[plane * layout.OutArea + output]);
            var row = output / layout.OutW;
            var word = row * layout.W + output - row * layout.OutW;
            var (position, below) = (2 * word, 2 * word + layout.W);
            var target = plane * layout.Area / Float2.Count + word;
            dx2[target] = new Float2(winner == position ? gradient : 0f, winner == position + 1 ? gradient : 0f);
            dx2[target + layout.OutW] = new Float2(winner == below ? gradient : 0f, winner == below + 1 ? gradient : 0f);
            sum += Carried(gradient, winner);
        }

        if (TFusion.BiasRelu)
        {
            KeepShare(shares, sum);
        }
    }

    /// <summary>dbias from the shares, <paramref name="count"/> a channel: a warp a channel.</summary>
    internal static void SumShares(ArrayView<float> shares, ArrayView<float> dbias, int channels, int count)
    {
        var channel = Grid.GlobalIndex.X / Warp.WarpSize;
        var sum = 0f;
        for (var i = Warp.LaneIdx; channel < channels && i < count; i += Warp.WarpSize)
        {
            sum += shares[channel * count + i];
        }

        sum = WarpSum(sum);
        if (channel < channels && Warp.LaneIdx == 0)
        {
            dbias[channel] = sum;
        }
    }

    /// <summary>Writes the eight elements under two neighbouring outputs; the first is counted within its plane.</summary>
    private static void Pair(ArrayView<Float4> dx4, in PoolLayout layout, int plane, int output, float first, int firstAt, float second, int secondAt)
    {
        var row = output / layout.OutW;
        var position = 2 * row * layout.W + 2 * (output - row * layout.OutW);
        var below = position + layout.W;
        var word = (plane * layout.Area + position) / Float4.Count;
        dx4[word] = new Float4(
            firstAt == position ? first : 0f,
            firstAt == position + 1 ? first : 0f,
            secondAt == position + 2 ? second : 0f,
            secondAt == position + 3 ? second : 0f);
        dx4[word + layout.W / Float4.Count] = new Float4(
            firstAt == below ? first : 0f,
            firstAt == below + 1 ? first : 0f,
            secondAt == below + 2 ? second : 0f,
            secondAt == below + 3 ? second : 0f);
    }

    private static float Carried(float gradient, int winner) => winner < 0 ? 0f : gradient;

    /// <summary>Each warp's sum goes to a place of its own.</summary>
    private static void KeepShare(ArrayView<float> shares, float sum)
    {
        sum = WarpSum(sum);
        if (Warp.LaneIdx == 0)
        {
            shares[Grid.GlobalIndex.X / Warp.WarpSize] = sum;
        }
    }

    private static float WarpSum(float value)
    {
        for (var distance = Warp.WarpSize / 2; distance > 0; distance /= 2)
        {
            value += Warp.ShuffleXor(value, distance);
        }

        return value;
    }
}
