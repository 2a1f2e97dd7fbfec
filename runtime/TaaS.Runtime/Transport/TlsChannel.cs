using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace TaaS.Runtime.Transport;

/// <summary>Bytes over TLS on a connected socket. One thread may send while another receives.</summary>
internal sealed class TlsChannel : IDisposable
{
    // A record of TLS carries 16 KiB at most: what is received comes in pieces of that size anyway.
    private const int ReceiveBytes = 16 * 1024;
    private const int SendBytes = 64 * 1024;
    private const byte HandshakeRecord = 0x16;

    private readonly SslStream _stream;
    private readonly byte[] _receiving = GC.AllocateUninitializedArray<byte>(ReceiveBytes);
    private readonly byte[] _sending = GC.AllocateUninitializedArray<byte>(SendBytes);

    private TlsChannel(SslStream stream) => _stream = stream;

    /// <summary>The client's side of the TLS handshake.</summary>
    /// <param name="socket">Connected socket.</param>
    /// <param name="tls">Certificates; authorities are needed.</param>
    /// <param name="host">Name that the server's certificate must bear.</param>
    /// <param name="peer">Name of the server for messages.</param>
    /// <exception cref="TransportException">The server shows no certificate to be trusted, or does not speak TLS.</exception>
    public static TlsChannel Connect(Socket socket, TlsOptions tls, string host, string peer)
    {
        if (tls.Authorities is null)
        {
            throw new TransportException($"cannot verify {peer}: a client over TLS needs the authorities of its servers; set {TlsOptions.AuthoritiesVariable}") { Final = true };
        }

        var start = new StartRecorder(socket);
        var stream = new SslStream(start);
        string? fault = null;
        try
        {
            stream.AuthenticateAsClient(new SslClientAuthenticationOptions
            {
                TargetHost = host,
                CertificateChainPolicy = Policy(tls.Authorities),
                ClientCertificateContext = Context(tls),
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                {
                    fault = CertificateFault.Describe(certificate, chain, errors, host);
                    return fault is null;
                },
            });
            return new TlsChannel(stream);
        }
        catch (Exception error) when (error is AuthenticationException or IOException or InvalidOperationException)
        {
            stream.Dispose();
            if (start.IsFrame)
            {
                throw new TransportException($"{peer} does not speak TLS and this side does; set {TlsOptions.CertificateVariable} and {TlsOptions.KeyVariable} for the server, or take {TlsOptions.AuthoritiesVariable} from the client", error)
                {
                    Final = start.IsChallenge,
                };
            }

            throw Failed(peer, fault, error);
        }
    }

    /// <summary>The server's side of the TLS handshake.</summary>
    /// <param name="socket">Connected socket.</param>
    /// <param name="tls">Certificates; its own is needed. With authorities the client must show one of theirs.</param>
    /// <param name="peer">Name of the client for messages.</param>
    /// <param name="refusal">Why the client must be refused, in its own session, so that it can be told; null if all is well.</param>
    /// <exception cref="TransportException">The client does not speak TLS, or does not trust this server.</exception>
    public static TlsChannel Accept(Socket socket, TlsOptions tls, string peer, out string? refusal)
    {
        var context = Context(tls) ?? throw MissingCertificate();
        var stream = new SslStream(new NetworkStream(socket));
        string? fault = null;
        var isAnyTaken = true;
        try
        {
            stream.AuthenticateAsServer(new SslServerAuthenticationOptions
            {
                ServerCertificateContext = context,
                ClientCertificateRequired = tls.Authorities is not null,
                CertificateChainPolicy = Policy(tls.Authorities ?? []),
                RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
                {
                    // A client with a bad certificate is told by a frame and then refused: an alert of TLS would not say why.
                    fault = tls.Authorities is null ? null : CertificateFault.Describe(certificate, chain, errors & ~SslPolicyErrors.RemoteCertificateNameMismatch, "");
                    return isAnyTaken;
                },
            });
            refusal = fault;
            return new TlsChannel(stream);
        }
        catch (Exception error) when (error is AuthenticationException or IOException or InvalidOperationException)
        {
            stream.Dispose();
            throw Failed(peer, fault, error);
        }
    }

    /// <summary>Looks at how a client begins, without taking it.</summary>
    /// <param name="socket">Accepted socket.</param>
    /// <param name="patience">How long a client may say nothing before it counts as one without TLS, which waits for the server to begin.</param>
    /// <returns>How one could see that it does not speak TLS; null if it seems to.</returns>
    public static string? DescribePlain(Socket socket, TimeSpan patience)
    {
        if (!socket.Poll(patience, SelectMode.SelectRead))
        {
            return $"said nothing for {patience.TotalSeconds:0.#} s";
        }

        Span<byte> first = stackalloc byte[1];
        return socket.Receive(first, SocketFlags.Peek, out _) == 1 && first[0] != HandshakeRecord ? $"began with the byte 0x{first[0]:x2}" : null;
    }

    /// <summary>What is said where a server has no certificate.</summary>
    public static TransportException MissingCertificate() =>
        new($"a server over TLS needs a certificate; set {TlsOptions.CertificateVariable} and {TlsOptions.KeyVariable}") { Final = true };

    /// <summary>Receives at least one byte, or none at the end.</summary>
    public int Receive(Span<byte> into, out SocketError error)
    {
        try
        {
            error = SocketError.Success;
            var received = _stream.Read(_receiving, 0, Math.Min(into.Length, _receiving.Length));
            _receiving.AsSpan(0, received).CopyTo(into);
            return received;
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException or InvalidOperationException and not ObjectDisposedException)
        {
            error = ErrorOf(failure);
            return 0;
        }
    }

    /// <summary>Sends some of the bytes.</summary>
    /// <returns>Number of bytes sent.</returns>
    public int Send(ReadOnlySpan<byte> bytes, out SocketError error)
    {
        try
        {
            error = SocketError.Success;
            var part = bytes[..Math.Min(bytes.Length, _sending.Length)];
            part.CopyTo(_sending);
            _stream.Write(_sending, 0, part.Length);
            return part.Length;
        }
        catch (Exception failure) when (failure is IOException or AuthenticationException or InvalidOperationException and not ObjectDisposedException)
        {
            error = ErrorOf(failure);
            return 0;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static SslStreamCertificateContext? Context(TlsOptions tls) =>
        tls.Certificate is null ? null : SslStreamCertificateContext.Create(tls.Certificate, tls.Chain, offline: true);

    private static X509ChainPolicy Policy(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck, DisableCertificateDownloads = true };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private static TransportException Failed(string peer, string? fault, Exception error)
    {
        if (fault is not null)
        {
            return new TransportException($"cannot trust {peer}: {fault}", error) { Final = true };
        }

        return ErrorOf(error) switch
        {
            SocketError.TimedOut or SocketError.WouldBlock => new TransportException($"{peer} was silent in the middle of the TLS handshake; it is stopped or unreachable", error),
            _ => new TransportException($"the TLS handshake with {peer} failed: {(error.InnerException ?? error).Message.ReplaceLineEndings(" ")}", error),
        };
    }

    private static SocketError ErrorOf(Exception failure)
    {
        for (var cause = failure; cause is not null; cause = cause.InnerException)
        {
            if (cause is SocketException socket)
            {
                return socket.SocketErrorCode;
            }
        }

        // Damaged, or ended by an alert.
        return SocketError.ConnectionAborted;
    }

    // Keeps the first bytes that come, which tell a server without TLS from any other failure.
    private sealed class StartRecorder(Socket socket) : NetworkStream(socket)
    {
        private readonly byte[] _first = new byte[8];
        private int _count;

        public bool IsFrame => _count >= 4 && _first.AsSpan(0, 4).SequenceEqual("TaaS"u8);

        public bool IsChallenge => IsFrame && _count == 8 && _first[6] == (byte)MessageType.Challenge;

        public override int Read(Span<byte> buffer)
        {
            try
            {
                var received = Socket.Receive(buffer);
                var kept = Math.Min(received, _first.Length - _count);
                buffer[..kept].CopyTo(_first.AsSpan(_count));
                _count += kept;
                return received;
            }
            catch (SocketException error)
            {
                throw new IOException(error.Message, error);
            }
        }

        // What NetworkStream has for derived classes goes through a copy.
        public override void Write(ReadOnlySpan<byte> buffer)
        {
            try
            {
                Socket.Send(buffer);
            }
            catch (SocketException error)
            {
                throw new IOException(error.Message, error);
            }
        }
    }
}
