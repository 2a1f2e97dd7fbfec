using System.Runtime.InteropServices;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Compression;

/// <summary>A server's side of one worker's gradients on their way in. Used by one thread; allocates when the largest slice grows only.</summary>
internal sealed class GradientDecoder
{
    private readonly GradientCompression _compression;
    private readonly IGradientCodec? _codec;
    private byte[] _bytes = [];

    /// <summary>Makes a decoder.</summary>
    /// <param name="compression">What the job says; frames of another codec are refused.</param>
    public GradientDecoder(GradientCompression compression) => (_compression, _codec) = (compression, compression.CreateCodec());

    /// <summary>Receives a push's payload and decodes it; without compression it goes straight to where it belongs.</summary>
    /// <param name="payload">Where the content comes from.</param>
    /// <param name="header">Header of the push.</param>
    /// <param name="into">Memory for the gradient; undefined after an error.</param>
    /// <exception cref="TransportException">The connection broke, or the payload is no encoding of that many elements by the job's codec.</exception>
    public void Receive(IPayload payload, FrameHeader header, Span<float> into)
    {
        if (header.Codec != (ushort)_compression.Kind)
        {
            throw MalformedGradient.Because($"{(CompressionKind)header.Codec}", $"worker {header.Worker} sent it for slice {header.Slice}, the job's compression is {_compression}");
        }

        if (_codec is null)
        {
            payload.Receive(header, MemoryMarshal.AsBytes(into));
            return;
        }

        var most = _codec.MaxBytes(into.Length);
        if (header.Length > most)
        {
            throw MalformedGradient.Because($"{_compression}", $"worker {header.Worker} sent {header.Length} bytes for slice {header.Slice} of {into.Length} elements, which takes at most {most}");
        }

        if (_bytes.Length < most)
        {
            _bytes = GC.AllocateUninitializedArray<byte>(most, pinned: true);
        }

        var bytes = _bytes.AsSpan(0, header.Length);
        payload.Receive(header, bytes);
        _codec.Decode(bytes, into);
    }
}
