using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace TaaS.Runtime.Transport;

/// <summary>Proves on both sides that the other knows the secret, without sending it, and that both run the same job.</summary>
/// <remarks>
/// Server sends 32 random bytes; the client answers with its own 32, an HMAC-SHA256 over both, its index and its incarnation; the server answers
/// with an HMAC of its own. Only then does the client say what it runs. It authenticates the start of a conversation; it does not encrypt what follows: TLS does.
/// <c>PROTOCOL.md</c> has every byte.
/// </remarks>
internal static class Handshake
{
    /// <summary>Most bytes a stranger may send before it is known.</summary>
    public const int MaxHelloBytes = 4096;

    /// <summary>Most bytes of the reason in an <see cref="MessageType.Abort"/>.</summary>
    public const int MaxAbortBytes = 4096;

    private const int NonceBytes = 32;
    private const int MacBytes = 32;
    private const int IncarnationBytes = sizeof(ulong);
    private const int HelloBytes = NonceBytes + MacBytes + IncarnationBytes;

    private static ReadOnlySpan<byte> ClientLabel => "taas client 2"u8;

    private static ReadOnlySpan<byte> ServerLabel => "taas server 2"u8;

    /// <summary>The client's side.</summary>
    /// <param name="connection">Fresh connection.</param>
    /// <param name="secret">Shared secret.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="incarnation">Random number of this worker's process.</param>
    /// <param name="signature">What this side runs, as text; the server must run the same.</param>
    /// <param name="nonces">Fills a nonce; null for the system's random numbers.</param>
    /// <exception cref="TransportException">Refused; <see cref="TransportException.Final"/> says that trying again is useless.</exception>
    public static void Greet(FrameConnection connection, string secret, int worker, ulong incarnation, string signature, NonceSource? nonces = null)
    {
        Span<byte> serverNonce = stackalloc byte[NonceBytes];
        var challenge = Expect(connection, MessageType.Challenge, MaxAbortBytes);
        connection.ReceivePayload(challenge, serverNonce);

        Span<byte> hello = stackalloc byte[HelloBytes];
        var clientNonce = hello[..NonceBytes];
        (nonces ?? RandomNumberGenerator.Fill)(clientNonce);
        BinaryPrimitives.WriteUInt64LittleEndian(hello[(NonceBytes + MacBytes)..], incarnation);
        Prove(secret, ClientLabel, serverNonce, clientNonce, worker, hello[(NonceBytes + MacBytes)..], hello.Slice(NonceBytes, MacBytes));
        connection.Send(new FrameHeader(MessageType.Hello) { Worker = worker }, hello);

        Span<byte> proof = stackalloc byte[MacBytes];
        Span<byte> expected = stackalloc byte[MacBytes];
        connection.ReceivePayload(Expect(connection, MessageType.Welcome, MaxAbortBytes), proof);
        Prove(secret, ServerLabel, clientNonce, serverNonce, worker, default, expected);
        if (!CryptographicOperations.FixedTimeEquals(proof, expected))
        {
            throw new TransportException($"{connection.Peer} does not know the secret of this job; check TAAS_SECRET and the address") { Final = true };
        }

        connection.Send(new FrameHeader(MessageType.Job) { Worker = worker }, Encoding.UTF8.GetBytes(signature));
        connection.ReceivePayload(Expect(connection, MessageType.Done, MaxAbortBytes), default);
    }

    /// <summary>The server's side.</summary>
    /// <param name="connection">Fresh connection.</param>
    /// <param name="secret">Shared secret.</param>
    /// <param name="workers">Workers there can be.</param>
    /// <param name="signature">What this side runs, as text; the client must run the same.</param>
    /// <param name="incarnation">Random number of the worker's process.</param>
    /// <param name="nonces">Fills a nonce; null for the system's random numbers.</param>
    /// <returns>Index of the worker that proved itself.</returns>
    /// <exception cref="TransportException">The peer failed; it was told why.</exception>
    public static int Admit(FrameConnection connection, string secret, int workers, string signature, out ulong incarnation, NonceSource? nonces = null)
    {
        Span<byte> serverNonce = stackalloc byte[NonceBytes];
        (nonces ?? RandomNumberGenerator.Fill)(serverNonce);
        connection.Send(new FrameHeader(MessageType.Challenge), serverNonce);

        var header = Expect(connection, MessageType.Hello, MaxHelloBytes);
        if (header.Length != HelloBytes)
        {
            throw new TransportException($"{connection.Peer} sent a greeting of {header.Length} bytes, expected {HelloBytes}");
        }

        Span<byte> hello = stackalloc byte[HelloBytes];
        connection.ReceivePayload(header, hello);
        var clientNonce = hello[..NonceBytes];
        var tail = hello[(NonceBytes + MacBytes)..];
        Span<byte> expected = stackalloc byte[MacBytes];
        Prove(secret, ClientLabel, serverNonce, clientNonce, header.Worker, tail, expected);
        if (!CryptographicOperations.FixedTimeEquals(hello.Slice(NonceBytes, MacBytes), expected))
        {
            throw Refuse(connection, "the secret differs; give every role of a job the same TAAS_SECRET");
        }

        incarnation = BinaryPrimitives.ReadUInt64LittleEndian(tail);
        if ((uint)header.Worker >= (uint)workers)
        {
            throw Refuse(connection, $"worker {header.Worker} does not exist in a job of {workers} workers (0 to {workers - 1})");
        }

        Span<byte> proof = stackalloc byte[MacBytes];
        Prove(secret, ServerLabel, clientNonce, serverNonce, header.Worker, default, proof);
        connection.Send(new FrameHeader(MessageType.Welcome) { Worker = header.Worker }, proof);
        RequireJob(connection, header.Worker, signature);
        return header.Worker;
    }

    /// <summary>True for a frame by which a server refuses.</summary>
    public static bool IsRefusal(FrameHeader header) => header.Type is MessageType.Abort or MessageType.Busy;

    /// <summary>Tells the peer no, for good.</summary>
    /// <returns>What to throw.</returns>
    public static TransportException Refuse(FrameConnection connection, string reason)
    {
        SendAbort(connection, reason);
        return new TransportException($"refused {connection.Peer}: {reason}") { Final = true };
    }

    /// <summary>Reads the reason of a refusal; one by <see cref="MessageType.Busy"/> is not final.</summary>
    public static TransportException ReadAbort(FrameConnection connection, FrameHeader header)
    {
        var text = new byte[Math.Min(header.Length, MaxAbortBytes)];
        connection.ReceivePayload(header, text);
        return new TransportException($"{connection.Peer}: {OneLine(Encoding.UTF8.GetString(text))}") { Final = header.Type == MessageType.Abort };
    }

    /// <summary>Sends the reason for ending a conversation.</summary>
    public static void SendAbort(FrameConnection connection, string reason) => Send(connection, MessageType.Abort, reason);

    /// <summary>Sends the reason for ending a conversation that may be begun again later.</summary>
    public static void SendBusy(FrameConnection connection, string reason) => Send(connection, MessageType.Busy, reason);

    private static void Send(FrameConnection connection, MessageType type, string reason)
    {
        var text = Encoding.UTF8.GetBytes(reason);
        connection.Send(new FrameHeader(type), text.AsSpan(0, Math.Min(text.Length, MaxAbortBytes)));
    }

    /// <summary>A text without control characters: what a peer sends ends up in messages and logs, where a line is a line.</summary>
    public static string OneLine(string text) => string.Concat(text.Select(letter => char.IsControl(letter) ? ' ' : letter));

    private static FrameHeader Expect(FrameConnection connection, MessageType type, int maxLength)
    {
        var header = connection.ReceiveHeader($"its {type} frame", maxLength);
        if (IsRefusal(header))
        {
            throw ReadAbort(connection, header);
        }

        return header.Type == type
            ? header
            : throw new TransportException($"{connection.Peer} sent a {header.Type} frame where {type} was expected");
    }

    private static void RequireJob(FrameConnection connection, int worker, string signature)
    {
        var header = Expect(connection, MessageType.Job, MaxHelloBytes);
        var text = new byte[header.Length];
        connection.ReceivePayload(header, text);
        var theirs = OneLine(Encoding.UTF8.GetString(text));
        if (theirs != signature)
        {
            throw Refuse(connection, $"the job differs: the server runs '{signature}', worker {worker} runs '{theirs}'; start every role with the same job file");
        }

        connection.Send(new FrameHeader(MessageType.Done) { Worker = worker });
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
