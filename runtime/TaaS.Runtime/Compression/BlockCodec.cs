namespace TaaS.Runtime.Compression;

/// <summary>What the codecs of one and two bits share: elements in blocks of 512, a block as two means (f32) and planes of a bit an element.</summary>
/// <remarks>
/// A block's decoded values are the means of what they stand for, which minimises the squared error of its split, so the residual
/// never grows beyond what went in. The length follows from the number of elements, and any content of that length decodes.
/// </remarks>
internal abstract class BlockCodec(CompressionKind kind, string name, int planes) : IGradientCodec
{
    /// <summary>Elements that share two means.</summary>
    public const int BlockElements = 512;

    /// <summary>Bytes before a block's first plane.</summary>
    protected const int MeansBytes = 2 * sizeof(float);

    /// <inheritdoc/>
    public CompressionKind Kind => kind;

    /// <inheritdoc/>
    public bool HasErrorFeedback => true;

    /// <inheritdoc/>
    public int MaxBytes(int elements)
    {
        var (blocks, rest) = Math.DivRem(elements, BlockElements);
        return checked(blocks * BlockBytes(BlockElements) + (rest > 0 ? BlockBytes(rest) : 0));
    }

    /// <inheritdoc/>
    public int Encode(ReadOnlySpan<float> gradient, Span<float> residual, Span<byte> into)
    {
        Lanes.Add(gradient, residual);
        var written = 0;
        for (var offset = 0; offset < residual.Length; offset += BlockElements)
        {
            var block = residual.Slice(offset, Math.Min(BlockElements, residual.Length - offset));
            var bytes = into.Slice(written, BlockBytes(block.Length));
            EncodeBlock(block, bytes);
            written += bytes.Length;
        }

        return written;
    }

    /// <inheritdoc/>
    public void Decode(ReadOnlySpan<byte> bytes, Span<float> into)
    {
        MalformedGradient.RequireBytes(name, bytes.Length, MaxBytes(into.Length), into.Length);
        for (var offset = 0; offset < into.Length; offset += BlockElements)
        {
            var block = into.Slice(offset, Math.Min(BlockElements, into.Length - offset));
            var length = BlockBytes(block.Length);
            DecodeBlock(bytes[..length], block);
            bytes = bytes[length..];
        }
    }

    /// <summary>Encodes a block and takes from it what its bytes stand for.</summary>
    protected abstract void EncodeBlock(Span<float> block, Span<byte> bytes);

    /// <summary>Decodes a block.</summary>
    protected abstract void DecodeBlock(ReadOnlySpan<byte> bytes, Span<float> block);

    private int BlockBytes(int elements) => MeansBytes + planes * Lanes.PlaneBytes(elements);
}
