namespace TaaS.Kernels.Cpu;

/// <summary>The filter taps that count along one axis: an arithmetic progression, each with the source position it meets for pixel 0.</summary>
/// <param name="First">First tap.</param>
/// <param name="Every">Taps between two that count.</param>
/// <param name="Count">How many count.</param>
/// <param name="Offset">Source position the first meets for pixel 0; negative in the padding.</param>
/// <param name="OffsetStep">Source positions from one that counts to the next.</param>
internal readonly record struct AxisTaps(int First, int Every, int Count, int Offset, int OffsetStep)
{
    /// <summary>A convolution reads every tap: pixel i meets i·stride − pad + tap·dilation.</summary>
    internal static AxisTaps Forward(int filter, int pad, int dilation) => new(0, 1, filter, -pad, dilation);

    /// <summary>Input position phase + i·stride got its gradient through the taps with (phase + pad − tap·dilation) divisible by the stride.</summary>
    internal static AxisTaps Backward(int phase, int filter, int stride, int pad, int dilation)
    {
        var every = stride / GreatestCommonDivisor(stride, dilation);
        for (var tap = 0; tap < Math.Min(every, filter); tap++)
        {
            var distance = phase + pad - tap * dilation;
            if (distance % stride == 0)
            {
                return new AxisTaps(tap, every, (filter - tap + every - 1) / every, distance / stride, -every * dilation / stride);
            }
        }

        return default;
    }

    private static int GreatestCommonDivisor(int a, int b) => b == 0 ? a : GreatestCommonDivisor(b, a % b);
}

/// <summary>One axis of the patches of an image: pixel i of the grid and tap t meet at source position i·Step + Offset + t·OffsetStep.</summary>
/// <param name="Grid">Pixels along the axis.</param>
/// <param name="Step">Source positions between pixels.</param>
/// <param name="Taps">Taps along the axis.</param>
/// <param name="Length">Source positions that exist; all others are zero.</param>
internal readonly record struct PatchAxis(int Grid, int Step, AxisTaps Taps, int Length)
{
    /// <summary>Lowest source position that pixel 0 meets.</summary>
    internal int Low => Math.Min(Taps.Offset, Taps.Offset + (Math.Max(Taps.Count, 1) - 1) * Taps.OffsetStep);

    /// <summary>Whether no tap of any pixel leaves the source.</summary>
    internal bool Fits => Low >= 0 && Low + Extent(Grid) <= Length;

    /// <summary>Source positions under that many neighbouring pixels.</summary>
    internal int Extent(int pixels) => Math.Max(pixels - 1, 0) * Step + Math.Max(Taps.Count - 1, 0) * Math.Abs(Taps.OffsetStep) + 1;

    /// <summary>Position of a tap, counted from <see cref="Low"/>.</summary>
    internal int TapOffset(int tap) => Taps.Offset + tap * Taps.OffsetStep - Low;
}
