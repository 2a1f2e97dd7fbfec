namespace TaaS.Kernels.Gpu;

/// <summary>The images of a pooling operation, one a channel and sample, and its windows on them. A kernel argument: plain fields only.</summary>
internal struct PoolLayout
{
    internal int Images;
    internal int Channels;
    internal int H;
    internal int W;
    internal int OutH;
    internal int OutW;
    internal int WindowH;
    internal int WindowW;
    internal int StrideH;
    internal int StrideW;
    internal int PadH;
    internal int PadW;

    internal static PoolLayout Of(in Shape x, in Shape y, Pool2dGeometry geometry) => new()
    {
        Images = x[0],
        Channels = x[1],
        H = x[2],
        W = x[3],
        OutH = y[2],
        OutW = y[3],
        WindowH = geometry.WindowH,
        WindowW = geometry.WindowW,
        StrideH = geometry.StrideH,
        StrideW = geometry.StrideW,
        PadH = geometry.PadH,
        PadW = geometry.PadW,
    };

    internal readonly int Area => H * W;

    internal readonly int OutArea => OutH * OutW;

    /// <summary>
    /// 2×2 windows side by side that cover every element once: an output reads two elements of two rows.
    /// Since nothing is left over, output row p of all planes taken together reads input rows 2p and 2p + 1.
    /// </summary>
    internal readonly bool IsHalving =>
        WindowH == 2 && WindowW == 2 && StrideH == 2 && StrideW == 2 && PadH == 0 && PadW == 0 && H % 2 == 0 && W % 2 == 0;

    /// <summary>Halving with rows of whole 16-byte words: two neighbouring outputs read a word of two rows.</summary>
    internal readonly bool IsWideHalving => IsHalving && W % Float4.Count == 0;

    /// <summary>The same planes with one channel: where no channel has anything of its own.</summary>
    internal readonly PoolLayout WithoutChannels()
    {
        var layout = this;
        layout.Images = Images * Channels;
        layout.Channels = 1;
        return layout;
    }

    /// <summary>The part of the image that a window sees; the output is counted within its plane.</summary>
    internal readonly PoolSpan Window(int output)
    {
        int top = output / OutW * StrideH - PadH, left = output % OutW * StrideW - PadW;
        return new PoolSpan(Math.Max(top, 0), Math.Min(top + WindowH, H), Math.Max(left, 0), Math.Min(left + WindowW, W));
    }

    /// <summary>The windows that see an element, as rows and columns of the output; the element is counted within its plane.</summary>
    internal readonly PoolSpan WindowsOver(int element)
    {
        int row = element / W + PadH, column = element % W + PadW;
        return new PoolSpan(
            FirstOver(row, WindowH, StrideH),
            Math.Min(row / StrideH + 1, OutH),
            FirstOver(column, WindowW, StrideW),
            Math.Min(column / StrideW + 1, OutW));
    }

    // The first window that reaches so far: the least o with o·stride + window > at.
    private static int FirstOver(int at, int window, int stride) => at < window ? 0 : (at - window) / stride + 1;
}

/// <summary>Rows Top to Bottom − 1 and columns Left to Right − 1.</summary>
internal struct PoolSpan(int top, int bottom, int left, int right)
{
    internal int Top = top;
    internal int Bottom = bottom;
    internal int Left = left;
    internal int Right = right;

    internal readonly int Count => (Bottom - Top) * (Right - Left);
}
