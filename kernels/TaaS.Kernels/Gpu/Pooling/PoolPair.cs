namespace TaaS.Kernels.Gpu;

/// <summary>Two neighbouring outputs of a wide halving layout: what they read is one 16-byte word of two rows.</summary>
internal struct PoolPair
{
    /// <summary>The word of the upper row, counted over all planes.</summary>
    internal int Word;

    internal int Plane;

    /// <summary>The word's first element, counted within its plane.</summary>
    internal int Position;

    /// <summary>The pair that begins with an output, counted over all planes.</summary>
    internal static PoolPair At(in PoolLayout layout, int output)
    {
        var row = output / layout.OutW;
        var column = 2 * (output - row * layout.OutW);
        var plane = row / layout.OutH;
        return new PoolPair
        {
            Word = (2 * row * layout.W + column) / Float4.Count,
            Plane = plane,
            Position = 2 * (row - plane * layout.OutH) * layout.W + column,
        };
    }
}
