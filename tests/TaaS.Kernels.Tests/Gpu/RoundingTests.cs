using System.Reflection;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Tests.Conformance;

namespace TaaS.Kernels.Tests.Gpu;

public sealed class RoundingPtxTests : PtxConformance
{
    protected override IReadOnlyList<MethodInfo> Kernels =>
    [
        .. new[] { typeof(BFloat16Format), typeof(Float16Format) }.SelectMany(format => new[]
        {
            Kernel(typeof(RoundKernels), nameof(RoundKernels.Narrow), format),
            Kernel(typeof(RoundKernels), nameof(RoundKernels.Widen), format),
        }),
    ];

    [Fact]
    public void BothWays_MoveSixteenBytesOnTheSideOfFloats()
    {
        AssertVectorAccess(Kernel(typeof(RoundKernels), nameof(RoundKernels.Narrow), typeof(BFloat16Format)), loads: 1, stores: 0);
        AssertVectorAccess(Kernel(typeof(RoundKernels), nameof(RoundKernels.Widen), typeof(Float16Format)), loads: 0, stores: 1);
    }
}

/// <summary>Mixed precision is only as good as its rounding: to nearest, ties to even, NaN kept.</summary>
[Collection(Emulator.Name)]
public sealed class RoundingTests
{
    private static readonly float[] Special =
    [
        0, -0f, 1, -1, float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, float.MinValue, float.Epsilon, 1e-40f,
        65504, 65519.99f, 65520, 1e6f, -1e6f, 6.1035156e-5f, 5.9604645e-8f, 2.9802322e-8f, 2.9802326e-8f, 1.00390625f, 1.01171875f, 1.00048828125f, 1.00146484375f,
    ];

    [Theory]
    [InlineData(MatrixPrecision.BFloat16)]
    [InlineData(MatrixPrecision.Float16)]
    public void NarrowAndWiden_AnyLength_GiveTheNearestNumber(MatrixPrecision precision)
    {
        var device = Emulator.Device;
        var rounding = new GpuRounding(device);
        foreach (var length in new[] { 1, 2, 3, 4, 5, 23, 1030 })
        {
            var random = new Random(length);
            var values = Enumerable.Range(0, length).Select(i => i < Special.Length ? Special[(i + length) % Special.Length] : (random.NextSingle() * 2 - 1) * MathF.Pow(10, random.Next(-9, 9))).ToArray();
            var x = new GpuBuffer(device, DType.Float32, length);
            var bits = new GpuBuffer(device, DType.Int32, GpuRounding.Words(length));
            var y = new GpuBuffer(device, DType.Float32, length);
            x.Upload(values);
            rounding.Narrow(precision, x.Floats, bits.Ints);
            rounding.Widen(precision, bits.Ints, y.Floats);
            var actual = new float[length];
            y.Download(actual);
            for (var i = 0; i < length; i++)
            {
                var expected = precision == MatrixPrecision.BFloat16 ? ToBFloat16(values[i]) : ToHalf(values[i]);
                Assert.True(expected.Equals(actual[i]), $"{precision}, element {i} of {length}: {values[i]:R} becomes {expected:R}, got {actual[i]:R}");
            }
        }
    }

    private static float ToHalf(float x) => float.IsFinite(x) ? (float)(Half)Math.Clamp(x, -65504f, 65504f) : x;

    /// <summary>By distances, not by bits: the nearer neighbour, and of two equally near the one with an even last bit.</summary>
    private static float ToBFloat16(float x)
    {
        if (!float.IsFinite(x))
        {
            return x;
        }

        var below = BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(x) & unchecked((int)0xFFFF0000));
        var step = Math.Abs((double)BitConverter.Int32BitsToSingle((BitConverter.SingleToInt32Bits(below) & 0x7F800000) | 0x10000) - BitConverter.Int32BitsToSingle(BitConverter.SingleToInt32Bits(below) & 0x7F800000));
        var above = below + Math.CopySign(step, x);
        double down = Math.Abs((double)x - below), up = Math.Abs(above - x);
        var even = ((BitConverter.SingleToInt32Bits(below) >> 16) & 1) == 0;
        return down < up || (down == up && even) ? below : Math.Abs(above) > float.MaxValue ? MathF.CopySign(float.PositiveInfinity, x) : (float)above;
    }
}
