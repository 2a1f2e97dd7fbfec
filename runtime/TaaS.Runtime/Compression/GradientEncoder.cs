namespace TaaS.Runtime.Compression;

/// <summary>
/// A worker's gradients on their way out. Each slice has memory of its own for the bytes of its last step and for what was left out,
/// so a push that is sent again is the same to the byte, and nothing is left out twice.
/// </summary>
/// <remarks>Different slices may be encoded by different threads at once, one slice by one thread at a time. Allocates at a slice's first step only.</remarks>
internal sealed class GradientEncoder
{
    private readonly IGradientCodec _codec;
    private readonly Outgoing?[] _slices;

    /// <summary>Makes an encoder without residuals.</summary>
    /// <param name="codec">How to encode.</param>
    /// <param name="slices">Number of slices.</param>
    public GradientEncoder(IGradientCodec codec, int slices) => (_codec, _slices) = (codec, new Outgoing?[slices]);

    /// <summary>Number of the codec for the frame's header.</summary>
    public ushort Codec => (ushort)_codec.Kind;

    /// <summary>The bytes of a slice's gradient, which stay as they are until the slice's next step.</summary>
    /// <param name="slice">Slice.</param>
    /// <param name="generation">Beginning of training; in a new one, what earlier steps left out belongs to other parameters and is dropped.</param>
    /// <param name="step">Step; the same again gives the bytes of the first time.</param>
    /// <param name="gradient">Gradient, looked at the first time only.</param>
    public ReadOnlySpan<byte> Encode(int slice, uint generation, long step, ReadOnlySpan<float> gradient)
    {
        var outgoing = _slices[slice] ??= new Outgoing(_codec, gradient.Length);
        if (outgoing.Generation != generation)
        {
            Array.Clear(outgoing.Residual);
        }
        else if (outgoing.Step == step)
        {
            return outgoing.Bytes.AsSpan(0, outgoing.Length);
        }

        outgoing.Length = _codec.Encode(gradient, outgoing.Residual, outgoing.Bytes);
        (outgoing.Generation, outgoing.Step) = (generation, step);
        return outgoing.Bytes.AsSpan(0, outgoing.Length);
    }

    private sealed class Outgoing(IGradientCodec codec, int elements)
    {
        public float[] Residual { get; } = codec.HasErrorFeedback ? new float[elements] : [];

        // Pinned: the socket reads it.
        public byte[] Bytes { get; } = GC.AllocateUninitializedArray<byte>(codec.MaxBytes(elements), pinned: true);

        public int Length { get; set; }

        public uint Generation { get; set; }

        public long Step { get; set; } = -1;
    }
}
