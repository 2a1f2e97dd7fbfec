namespace TaaS.Runtime.Compression;

/// <summary>
/// Turns a slice's gradient into fewer bytes and back. Without state of its own, so one object serves every thread;
/// allocates nothing; the same input gives the same bytes on every machine.
/// </summary>
/// <remarks>
/// With error feedback, what a step's bytes leave out is added to the next step's gradient, so nothing is lost, only late:
/// decoded + new residual = gradient + old residual, up to the rounding of f32.
/// A gradient that is not finite is never hidden: what comes out is not finite either.
/// <b>Source</b>: Karimireddy et al., "Error Feedback Fixes SignSGD and other Gradient Compression Schemes", ICML 2019.
/// </remarks>
internal interface IGradientCodec
{
    /// <summary>Number on the wire.</summary>
    CompressionKind Kind { get; }

    /// <summary>True if <see cref="Encode"/> keeps what it leaves out.</summary>
    bool HasErrorFeedback { get; }

    /// <summary>Most bytes that many elements take.</summary>
    int MaxBytes(int elements);

    /// <summary>Encodes a gradient.</summary>
    /// <param name="gradient">Gradient of a slice, left as it is.</param>
    /// <param name="residual">What earlier steps left out, brought up to date; of the gradient's length with error feedback, else empty.</param>
    /// <param name="into">Memory of at least <see cref="MaxBytes"/>.</param>
    /// <returns>Bytes written.</returns>
    int Encode(ReadOnlySpan<float> gradient, Span<float> residual, Span<byte> into);

    /// <summary>Decodes what <see cref="Encode"/> wrote. Safe on any bytes: they decode, or the error says what is wrong with them.</summary>
    /// <param name="bytes">Bytes off the wire.</param>
    /// <param name="into">Memory for the gradient; what it holds after an error is undefined.</param>
    /// <exception cref="Transport.TransportException">No encoding of that many elements.</exception>
    void Decode(ReadOnlySpan<byte> bytes, Span<float> into);
}
