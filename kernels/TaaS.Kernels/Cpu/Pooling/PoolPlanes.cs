namespace TaaS.Kernels.Cpu;

/// <summary>The images of a pooling operation, one a channel and sample, and its windows on them.</summary>
internal readonly struct PoolPlanes
{
    private const long Grain = 32 * 1024;

    public PoolPlanes(in Shape x, in Shape y, Pool2dGeometry geometry)
    {
        Geometry = geometry;
        Images = x[0];
        Channels = x[1];
        (H, W) = (x[2], x[3]);
        (OutH, OutW) = (y[2], y[3]);
    }

    public Pool2dGeometry Geometry { get; }

    public int Images { get; }

    public int Channels { get; }

    public int Count => Images * Channels;

    public int H { get; }

    public int W { get; }

    public int OutH { get; }

    public int OutW { get; }

    public int Area => H * W;

    public int OutArea => OutH * OutW;

    /// <summary>Windows of 2×2 side by side, wide enough for a vector: the usual case, with a loop of its own.</summary>
    public bool IsHalving => Geometry is { WindowH: 2, WindowW: 2, StrideH: 2, StrideW: 2, PadH: 0, PadW: 0 } && OutW >= 4;

    /// <summary>How many parts the threads share the work in; <paramref name="items"/> is how finely it can be cut.</summary>
    public int Parts(int items) => (int)Math.Clamp((long)Count * (Area + OutArea) / Grain, 1, Math.Min(CpuPool.Threads * 4, Math.Max(items, 1)));

    /// <summary>The rows and columns of the image that window (row, column) sees.</summary>
    public (int Top, int Bottom, int Left, int Right) Window(int row, int column)
    {
        int top = row * Geometry.StrideH - Geometry.PadH, left = column * Geometry.StrideW - Geometry.PadW;
        return (Math.Max(top, 0), Math.Min(top + Geometry.WindowH, H), Math.Max(left, 0), Math.Min(left + Geometry.WindowW, W));
    }
}
