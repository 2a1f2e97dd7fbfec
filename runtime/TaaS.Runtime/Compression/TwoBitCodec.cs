using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>
/// Plus, minus or nothing an element: in each block, elements whose magnitude is below 0.7 of the block's mean magnitude become zero
/// and wait; the others become the mean of those of their sign. About a 15th of f32.
/// </summary>
/// <remarks>
/// Layout of a block: mean of the larger positive elements (f32), mean of the larger negative ones (f32), a plane of bits that say
/// which elements are not zero, a plane of their signs (looked at only there).
/// <b>Source</b>: three levels as in Wen et al., "TernGrad: Ternary Gradients to Reduce Communication in Distributed Deep Learning",
/// NeurIPS 2017, but with error feedback in place of its random rounding; the threshold is that of Li et al., "Ternary Weight
/// Networks", 2016.
/// </remarks>
internal sealed class TwoBitCodec() : BlockCodec(CompressionKind.TwoBit, "2bit", planes: 2)
{
    private const float ThresholdOfMean = 0.7f;

    /// <inheritdoc/>
    protected override void EncodeBlock(Span<float> block, Span<byte> bytes)
    {
        var largePlane = bytes.Slice(MeansBytes, Lanes.PlaneBytes(block.Length));
        var signPlane = bytes[(MeansBytes + largePlane.Length)..];
        var threshold = Vector512.Create(ThresholdOfMean * MeanMagnitude(block));
        var positiveSum = Vector512<float>.Zero;
        var negativeSum = Vector512<float>.Zero;
        var positives = 0;
        var negatives = 0;
        for (var offset = 0; offset < block.Length; offset += Lanes.Count)
        {
            // Not below, rather than above: a NaN is large, and so is what comes with it.
            var values = Lanes.Load(block, offset);
            var isSmall = Vector512.LessThan(Vector512.Abs(values), threshold);
            var large = Vector512.AndNot(values, isSmall);
            var largeBits = ~(uint)isSmall.ExtractMostSignificantBits() & Lanes.ValidBits(block.Length - offset);
            var signBits = (uint)large.ExtractMostSignificantBits();
            Lanes.WriteBits(largeBits, largePlane, offset);
            Lanes.WriteBits(signBits, signPlane, offset);
            positives += BitOperations.PopCount(largeBits & ~signBits);
            negatives += BitOperations.PopCount(signBits);
            positiveSum += Vector512.AndNot(large, Lanes.SignMask(large));
            negativeSum += large & Lanes.SignMask(large);
        }

        var positive = positives == 0 ? 0 : Vector512.Sum(positiveSum) / positives;
        var negative = negatives == 0 ? 0 : Vector512.Sum(negativeSum) / negatives;
        BinaryPrimitives.WriteSingleLittleEndian(bytes, positive);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[sizeof(float)..], negative);
        var levels = new Levels(bytes, block.Length);
        for (var offset = 0; offset < block.Length; offset += Lanes.Count)
        {
            Lanes.Store(Lanes.Load(block, offset) - levels.At(offset), block, offset);
        }
    }

    /// <inheritdoc/>
    protected override void DecodeBlock(ReadOnlySpan<byte> bytes, Span<float> block)
    {
        var levels = new Levels(bytes, block.Length);
        for (var offset = 0; offset < block.Length; offset += Lanes.Count)
        {
            Lanes.Store(levels.At(offset), block, offset);
        }
    }

    private static float MeanMagnitude(ReadOnlySpan<float> block)
    {
        var sum = Vector512<float>.Zero;
        for (var offset = 0; offset < block.Length; offset += Lanes.Count)
        {
            sum += Vector512.Abs(Lanes.Load(block, offset));
        }

        return Vector512.Sum(sum) / block.Length;
    }

    /// <summary>What a block's bytes stand for.</summary>
    private readonly ref struct Levels(ReadOnlySpan<byte> bytes, int elements)
    {
        private readonly Vector512<float> _positive = Vector512.Create(BinaryPrimitives.ReadSingleLittleEndian(bytes));
        private readonly Vector512<float> _negative = Vector512.Create(BinaryPrimitives.ReadSingleLittleEndian(bytes[sizeof(float)..]));
        private readonly ReadOnlySpan<byte> _large = bytes.Slice(MeansBytes, Lanes.PlaneBytes(elements));
        private readonly ReadOnlySpan<byte> _signs = bytes[(MeansBytes + Lanes.PlaneBytes(elements))..];

        public Vector512<float> At(int offset) =>
            Vector512.ConditionalSelect(Lanes.Mask(Lanes.ReadBits(_signs, offset)), _negative, _positive) & Lanes.Mask(Lanes.ReadBits(_large, offset));
    }
}
