using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace TaaS.Runtime.Compression;

/// <summary>A sign an element: in each block, elements become the mean of those of their sign. About a 28th of f32.</summary>
/// <remarks>
/// Layout of a block: mean of the elements without sign bit (f32), mean of those with it (f32), a plane of sign bits.
/// <b>Source</b>: Seide et al., "1-Bit Stochastic Gradient Descent and its Application to Data-Parallel Distributed Training of
/// Speech DNNs", Interspeech 2014; blocks take the place of its matrix columns.
/// </remarks>
internal sealed class OneBitCodec() : BlockCodec(CompressionKind.OneBit, "1bit", planes: 1)
{
    /// <inheritdoc/>
    protected override void EncodeBlock(Span<float> block, Span<byte> bytes)
    {
        var plane = bytes[MeansBytes..];
        var positiveSum = Vector512<float>.Zero;
        var negativeSum = Vector512<float>.Zero;
        var negatives = 0;
        for (var offset = 0; offset < block.Length; offset += Lanes.Count)
        {
            var values = Lanes.Load(block, offset);
            var isNegative = Lanes.SignMask(values);
            var bits = (uint)values.ExtractMostSignificantBits();
            Lanes.WriteBits(bits, plane, offset);
            negatives += BitOperations.PopCount(bits);
            positiveSum += Vector512.AndNot(values, isNegative);
            negativeSum += values & isNegative;
        }

        var positive = negatives == block.Length ? 0 : Vector512.Sum(positiveSum) / (block.Length - negatives);
        var negative = negatives == 0 ? 0 : Vector512.Sum(negativeSum) / negatives;
        BinaryPrimitives.WriteSingleLittleEndian(bytes, positive);
        BinaryPrimitives.WriteSingleLittleEndian(bytes[sizeof(float)..], negative);
        for (var offset = 0; offset < block.Length; offset += Lanes.Count)
        {
            var values = Lanes.Load(block, offset);
            var decoded = Vector512.ConditionalSelect(Lanes.SignMask(values), Vector512.Create(negative), Vector512.Create(positive));
            Lanes.Store(values - decoded, block, offset);
        }
    }

    /// <inheritdoc/>
    protected override void DecodeBlock(ReadOnlySpan<byte> bytes, Span<float> block)
    {
        var positive = Vector512.Create(BinaryPrimitives.ReadSingleLittleEndian(bytes));
        var negative = Vector512.Create(BinaryPrimitives.ReadSingleLittleEndian(bytes[sizeof(float)..]));
        var plane = bytes[MeansBytes..];
        for (var offset = 0; offset < block.Length; offset += Lanes.Count)
        {
            var isNegative = Lanes.Mask(Lanes.ReadBits(plane, offset));
            Lanes.Store(Vector512.ConditionalSelect(isNegative, negative, positive), block, offset);
        }
    }
}
