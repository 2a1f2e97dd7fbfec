namespace TaaS.Runtime.Transport;

/// <summary>The content of a frame whose header has come.</summary>
internal interface IPayload
{
    /// <summary>Receives it straight into memory and checks it.</summary>
    /// <exception cref="TransportException">The sizes differ, the peer is gone, or the content is damaged.</exception>
    void Receive(FrameHeader header, Span<byte> into);

    /// <summary>Receives and forgets it.</summary>
    /// <exception cref="TransportException">The peer is gone.</exception>
    void Skip(FrameHeader header);
}
