namespace TaaS.Kernels.Gpu;

/// <summary>The elements of each channel of contiguous images [N, C, H, W], cut so that a group takes a part. A kernel argument.</summary>
internal struct ChannelLayout
{
    /// <summary>A channel's elements, from its first.</summary>
    internal AxisWalk Walk;

    internal int Channels;

    /// <summary>Elements of a plane.</summary>
    internal int Area;

    /// <summary>Elements of a channel over all images.</summary>
    internal int Length;

    /// <summary>Parts of a channel.</summary>
    internal int Splits;

    /// <summary>Elements of a part.</summary>
    internal int Chunk;

    internal static ChannelLayout Of(GpuDevice device, in Shape x)
    {
        int area = x[2] * x[3], length = x[0] * area;
        var split = Split.Of(device, x[1], length, device.GroupSize * Float4.Count);
        return new ChannelLayout
        {
            Walk = x[1] == 1 || x[0] == 1 ? AxisWalk.Dense : AxisWalk.Runs(area, x[1] * area),
            Channels = x[1],
            Area = area,
            Length = length,
            Splits = split.Count,
            Chunk = split.Chunk,
        };
    }

    /// <summary>Parts of all channels.</summary>
    internal readonly int Pieces => Channels * Splits;

    /// <summary>What the calling thread's group walks of a part.</summary>
    internal readonly PackSpan Span(int channel, int split)
    {
        int first = split * Chunk, rest = Length - first;
        return PackSpan.Of<GroupTeam>(channel * Area, first, first + (Chunk < rest ? Chunk : rest));
    }
}
