using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;

namespace TaaS.Runtime.Transport;

/// <summary>
/// Sends and receives frames over one socket with blocking calls, payloads straight from and to the caller's memory.
/// Any thread may send while one receives; nothing is allocated while all goes well.
/// </summary>
internal sealed class FrameConnection : IPayload, IDisposable
{
    /// <summary>A frame's header and as much of its payload leave in one call: a small frame as one packet, a large one without a packet of its header alone.</summary>
    private const int HeadBytes = 8192;

    private readonly Socket _socket;
    private readonly byte[] _sendHead = GC.AllocateArray<byte>(HeadBytes, pinned: true);
    private readonly byte[] _receiveHeader = GC.AllocateArray<byte>(FrameHeader.Bytes, pinned: true);
    private readonly XxHash3 _received = new();
    private readonly Lock _sending = new();

    // A Unix socket hands memory from process to process: nothing can damage it on the way, and hashing would take time from the kernels.
    // TLS notices damage by itself.
    private bool _hashesPayloads;
    private TlsChannel? _tls;
    private string? _end;
    private TimeSpan _silence;

    /// <summary>Takes over a connected socket.</summary>
    /// <param name="socket">Connected socket; disposed with this.</param>
    /// <param name="peer">Name of the other side for messages, such as <c>ps-0 (127.0.0.1:4000)</c>.</param>
    /// <param name="silence">Limit of one wait for bytes to come or go.</param>
    public FrameConnection(Socket socket, string peer, TimeSpan silence)
    {
        _socket = socket;
        _hashesPayloads = socket.AddressFamily != AddressFamily.Unix;
        Peer = peer;
        Silence = silence;
    }

    /// <summary>Name of the other side.</summary>
    public string Peer { get; set; }

    /// <summary>Limit of one wait for bytes to come or go.</summary>
    public TimeSpan Silence
    {
        get => _silence;
        set
        {
            _silence = value;
            try
            {
                _socket.ReceiveTimeout = _socket.SendTimeout = (int)value.TotalMilliseconds;
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                // A closed socket needs no limit: the next call on it fails at once.
            }
        }
    }

    /// <summary>Address of the other side, or null for a Unix socket.</summary>
    public EndPoint? Address => _socket.AddressFamily == AddressFamily.Unix ? null : _socket.RemoteEndPoint;

    /// <summary>Goes on over TLS as the client; a Unix socket stays as it is.</summary>
    /// <param name="tls">Certificates; null for none.</param>
    /// <param name="host">Name that the server's certificate must bear.</param>
    /// <exception cref="TransportException">The server is not to be trusted, or does not speak TLS.</exception>
    public void SecureAsClient(TlsOptions? tls, string host)
    {
        if (tls is null || _socket.AddressFamily == AddressFamily.Unix)
        {
            return;
        }

        try
        {
            _tls = TlsChannel.Connect(_socket, tls, host, Peer);
            _hashesPayloads = false;
        }
        catch (TransportException error) when (_end is not null)
        {
            throw new TransportException(_end, error);
        }
    }

    /// <summary>Goes on over TLS as the server; a Unix socket stays as it is.</summary>
    /// <param name="tls">Certificates; null for none.</param>
    /// <exception cref="TransportException">The client is not to be trusted, or does not speak TLS; it was told.</exception>
    public void SecureAsServer(TlsOptions? tls)
    {
        if (tls is null || _socket.AddressFamily == AddressFamily.Unix)
        {
            return;
        }

        // A client of ours without TLS waits for the server's challenge, and must be told before its own patience ends.
        if (TlsChannel.DescribePlain(_socket, Silence / 2) is { } plain)
        {
            throw Handshake.Refuse(this, $"the server speaks TLS and the client does not (it {plain}); set {TlsOptions.AuthoritiesVariable} for the client");
        }

        try
        {
            _tls = TlsChannel.Accept(_socket, tls, Peer, out var refusal);
            _hashesPayloads = false;
            if (refusal is not null)
            {
                throw Handshake.Refuse(this, $"the server does not trust the client: {refusal}");
            }
        }
        catch (TransportException error) when (_end is not null)
        {
            throw new TransportException(_end, error);
        }
    }

    /// <summary>Sends one frame.</summary>
    /// <param name="header">Header; length and hash are filled in here.</param>
    /// <param name="payload">Content, not copied.</param>
    /// <exception cref="TransportException">The peer is gone or takes nothing within the limit.</exception>
    public void Send(FrameHeader header, ReadOnlySpan<byte> payload = default)
    {
        header = header with { Length = payload.Length, PayloadHash = _hashesPayloads ? XxHash3.HashToUInt64(payload) : 0 };
        lock (_sending)
        {
            header.Write(_sendHead);
            var beside = payload[..Math.Min(payload.Length, HeadBytes - FrameHeader.Bytes)];
            beside.CopyTo(_sendHead.AsSpan(FrameHeader.Bytes));
            SendAll(_sendHead.AsSpan(0, FrameHeader.Bytes + beside.Length), header.Type);
            SendAll(payload[beside.Length..], header.Type);
        }
    }

    /// <summary>Waits for the next frame's header.</summary>
    /// <param name="waitingFor">What is waited for, for the message.</param>
    /// <param name="maxLength">Most bytes of payload acceptable here.</param>
    /// <exception cref="TransportException">The peer is gone, silent, or sent what is no frame.</exception>
    public FrameHeader ReceiveHeader(string waitingFor, int maxLength)
    {
        ReceiveAll(_receiveHeader, waitingFor);
        var header = FrameHeader.Read(_receiveHeader, Peer);
        if ((uint)header.Length > (uint)maxLength)
        {
            throw new TransportException($"{Peer} announced {(uint)header.Length} bytes in a {header.Type} frame; at most {maxLength} are accepted here");
        }

        return header;
    }

    /// <summary>Receives the payload of a header straight into memory and checks it.</summary>
    /// <exception cref="TransportException">The sizes differ, the peer is gone, or the content is damaged.</exception>
    public void ReceivePayload(FrameHeader header, Span<byte> into)
    {
        if (header.Length != into.Length)
        {
            throw new TransportException($"{Peer} sent {header.Length} bytes in a {header.Type} frame for slice {header.Slice}, expected {into.Length}; both sides must run the same model");
        }

        if (!_hashesPayloads)
        {
            ReceiveAll(into, "the rest of a frame");
            return;
        }

        // Each piece is hashed as it comes, while it is still in the cache.
        _received.Reset();
        for (var left = into; left.Length > 0;)
        {
            var received = Receive(left, "the rest of a frame");
            _received.Append(left[..received]);
            left = left[received..];
        }

        if (_received.GetCurrentHashAsUInt64() != header.PayloadHash)
        {
            throw new TransportException($"{Peer} sent a damaged {header.Type} frame: the payload of {header.Length} bytes does not fit its checksum");
        }
    }

    /// <summary>Receives and forgets a payload.</summary>
    public void SkipPayload(FrameHeader header)
    {
        Span<byte> scratch = stackalloc byte[4096];
        for (var left = header.Length; left > 0;)
        {
            var part = scratch[..Math.Min(left, scratch.Length)];
            ReceiveAll(part, "the rest of a frame");
            left -= part.Length;
        }
    }

    void IPayload.Receive(FrameHeader header, Span<byte> into) => ReceivePayload(header, into);

    void IPayload.Skip(FrameHeader header) => SkipPayload(header);

    /// <summary>Says that nothing more will be sent; what was sent still arrives.</summary>
    public void FinishSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Already gone.
        }
    }

    /// <summary>Ends the conversation now; a thread that waits in it gets an error that says why.</summary>
    public void End(string reason)
    {
        _end ??= reason;
        Dispose();
    }

    /// <summary>Ends the conversation now; a thread that waits in it gets an error.</summary>
    public void Dispose()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Already gone: nothing to say goodbye to.
        }

        _socket.Dispose();
        _tls?.Dispose();
    }

    private void SendAll(ReadOnlySpan<byte> bytes, MessageType type)
    {
        while (bytes.Length > 0)
        {
            var sent = 0;
            try
            {
                var error = SocketError.Success;
                sent = _tls is null ? _socket.Send(bytes, SocketFlags.None, out error) : _tls.Send(bytes, out error);
                ThrowIfFailed(error, type);
            }
            catch (ObjectDisposedException)
            {
                throw Lost($"the connection to {Peer} was closed while a {type} frame was sent");
            }

            bytes = bytes[sent..];
        }
    }

    private void ThrowIfFailed(SocketError error, MessageType type)
    {
        if (error == SocketError.Success)
        {
            return;
        }

        throw error is SocketError.TimedOut or SocketError.WouldBlock
            ? new TransportException($"{Peer} took no data for {Silence.TotalSeconds:0.#} s while a {type} frame was sent; it is stopped or unreachable")
            : Lost($"lost the connection to {Peer} while a {type} frame was sent ({error})");
    }

    private void ReceiveAll(Span<byte> bytes, string waitingFor)
    {
        while (bytes.Length > 0)
        {
            bytes = bytes[Receive(bytes, waitingFor)..];
        }
    }

    private int Receive(Span<byte> bytes, string waitingFor)
    {
        int received;
        SocketError error;
        try
        {
            received = _tls is null ? _socket.Receive(bytes, SocketFlags.None, out error) : _tls.Receive(bytes, out error);
        }
        catch (ObjectDisposedException)
        {
            throw Lost($"the connection to {Peer} was closed while waiting for {waitingFor}");
        }

        if (error is SocketError.TimedOut or SocketError.WouldBlock)
        {
            throw new TransportException($"{Peer} was silent for {Silence.TotalSeconds:0.#} s while waiting for {waitingFor}; it is stopped or unreachable");
        }

        if (error != SocketError.Success || received == 0)
        {
            throw Lost($"lost the connection to {Peer} while waiting for {waitingFor} ({(error == SocketError.Success ? "closed by the other side" : error.ToString())})");
        }

        return received;
    }

    // Where this side ended the conversation itself, the reason for that says more than how it was noticed.
    private TransportException Lost(string message) => new(_end ?? message);
}
