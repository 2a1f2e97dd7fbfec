namespace TaaS.Kernels;

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
