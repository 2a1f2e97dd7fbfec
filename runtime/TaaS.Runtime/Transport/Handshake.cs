using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TaaS.Runtime.Transport;

/// <summary>Proves on both sides that the other knows the secret, without sending it, and that both run the same job.</summary>
/// <remarks>
/// Server sends 32 random bytes; the client answers with its own 32, an HMAC-SHA256 over both, its index and what it runs;
/// the server answers with an HMAC of its own. It authenticates the start of a conversation; it does not encrypt what follows.
/// </remarks>
internal static class Handshake
{
    /// <summary>Most bytes a stranger may send before it is known.</summary>
    public const int MaxHelloBytes = 4096;

    /// <summary>Most bytes of the reason in an <see cref="MessageType.Abort"/>.</summary>
    public const int MaxAbortBytes = 4096;

    private const int NonceBytes = 32;
    private const int MacBytes = 32;

    private static ReadOnlySpan<byte> ClientLabel => "taas client 1"u8;

    private static ReadOnlySpan<byte> ServerLabel => "taas server 1"u8;

    /// <summary>The client's side.</summary>
    /// <param name="connection">Fresh connection.</param>
    /// <param name="secret">Shared secret.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="signature">What this side runs, as text; the server must run the same.</param>
    /// <exception cref="TransportException">Refused; <see cref="TransportException.Final"/> says that trying again is useless.</exception>
    public static void Greet(FrameConnection connection, string secret, int worker, string signature)
    {
        Span<byte> serverNonce = stackalloc byte[NonceBytes];
        var challenge = Expect(connection, MessageType.Challenge, NonceBytes);
        connection.ReceivePayload(challenge, serverNonce);

        var hello = new byte[NonceBytes + MacBytes + Encoding.UTF8.GetByteCount(signature)];
        var clientNonce = hello.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(clientNonce);
        Encoding.UTF8.GetBytes(signature, hello.AsSpan(NonceBytes + MacBytes));
        Prove(secret, ClientLabel, serverNonce, clientNonce, worker, hello.AsSpan(NonceBytes + MacBytes), hello.AsSpan(NonceBytes, MacBytes));
        connection.Send(new FrameHeader(MessageType.Hello) { Worker = worker }, hello);

        Span<byte> proof = stackalloc byte[MacBytes];
        Span<byte> expected = stackalloc byte[MacBytes];
        connection.ReceivePayload(Expect(connection, MessageType.Welcome, MaxAbortBytes), proof);
        Prove(secret, ServerLabel, clientNonce, serverNonce, worker, default, expected);
        if (!CryptographicOperations.FixedTimeEquals(proof, expected))
        {
            throw new TransportException($"{connection.Peer} does not know the secret of this job; check TAAS_SECRET and the address") { Final = true };
        }
    }

    /// <summary>The server's side.</summary>
    /// <returns>Index of the worker that proved itself.</returns>
    /// <exception cref="TransportException">The peer failed; it was told why.</exception>
    public static int Admit(FrameConnection connection, string secret, int workers, string signature)
    {
        Span<byte> serverNonce = stackalloc byte[NonceBytes];
        RandomNumberGenerator.Fill(serverNonce);
        connection.Send(new FrameHeader(MessageType.Challenge), serverNonce);

        var header = Expect(connection, MessageType.Hello, MaxHelloBytes);
        var hello = new byte[header.Length];
        connection.ReceivePayload(header, hello);
        if (hello.Length < NonceBytes + MacBytes)
        {
            throw new TransportException($"{connection.Peer} sent a greeting of {hello.Length} bytes, expected at least {NonceBytes + MacBytes}");
        }

        var clientNonce = hello.AsSpan(0, NonceBytes);
        var text = hello.AsSpan(NonceBytes + MacBytes);
        Span<byte> expected = stackalloc byte[MacBytes];
        Prove(secret, ClientLabel, serverNonce, clientNonce, header.Worker, text, expected);
        if (!CryptographicOperations.FixedTimeEquals(hello.AsSpan(NonceBytes, MacBytes), expected))
        {
            throw Refuse(connection, "the secret differs; give every role of a job the same TAAS_SECRET");
        }

        var theirs = Encoding.UTF8.GetString(text);
        if (theirs != signature)
        {
            throw Refuse(connection, $"the job differs: the server runs '{signature}', worker {header.Worker} runs '{theirs}'; start every role with the same job file");
        }

        if ((uint)header.Worker >= (uint)workers)
        {
            throw Refuse(connection, $"worker {header.Worker} does not exist in a job of {workers} workers (0 to {workers - 1})");
        }

        Span<byte> proof = stackalloc byte[MacBytes];
        Prove(secret, ServerLabel, clientNonce, serverNonce, header.Worker, default, proof);
        connection.Send(new FrameHeader(MessageType.Welcome) { Worker = header.Worker }, proof);
        return header.Worker;
    }

    /// <summary>Reads the reason of an <see cref="MessageType.Abort"/>.</summary>
    public static TransportException ReadAbort(FrameConnection connection, FrameHeader header)
    {
        var text = new byte[Math.Min(header.Length, MaxAbortBytes)];
        connection.ReceivePayload(header, text);
        return new TransportException($"{connection.Peer}: {Encoding.UTF8.GetString(text)}") { Final = true };
    }

    /// <summary>Sends the reason for ending a conversation.</summary>
    public static void SendAbort(FrameConnection connection, string reason)
    {
        var text = Encoding.UTF8.GetBytes(reason);
        connection.Send(new FrameHeader(MessageType.Abort), text.AsSpan(0, Math.Min(text.Length, MaxAbortBytes)));
    }

    private static FrameHeader Expect(FrameConnection connection, MessageType type, int maxLength)
    {
        var header = connection.ReceiveHeader($"its {type} frame", maxLength);
        if (header.Type == MessageType.Abort)
        {
            throw ReadAbort(connection, header);
        }

        return header.Type == type
            ? header
            : throw new TransportException($"{connection.Peer} sent a {header.Type} frame where {type} was expected");
    }

    private static TransportException Refuse(FrameConnection connection, string reason)
    {
        SendAbort(connection, reason);
        return new TransportException($"refused {connection.Peer}: {reason}") { Final = true };
    }

    private static void Prove(string secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int worker, ReadOnlySpan<byte> text, Span<byte> mac)
    {
        Span<byte> index = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(index, worker);
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret));
        hmac.AppendData(label);
        hmac.AppendData(first);
        hmac.AppendData(second);
        hmac.AppendData(index);
        hmac.AppendData(text);
        hmac.GetHashAndReset(mac);
    }
}
