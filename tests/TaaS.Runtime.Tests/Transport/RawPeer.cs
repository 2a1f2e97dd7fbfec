using System.Buffers.Binary;
using System.IO.Hashing;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>
/// One side of a conversation written from the protocol's document alone: it uses no product code, so that it shows what a client in another
/// language could do, and can say what product code never would.
/// </summary>
internal sealed class RawPeer : IDisposable
{
    public const int HeaderBytes = 56;

    // The numbers of the document.
    public const ushort Challenge = 1, Hello = 2, Welcome = 3, Abort = 4, Heartbeat = 5, Register = 6, Done = 7, Initialize = 8, InitializeDone = 9,
        Push = 10, Pull = 11, Parameters = 12, Leave = 13, WentBack = 19, Job = 21;

    private readonly Socket _socket;

    public RawPeer(Socket socket)
    {
        _socket = socket;
        _socket.NoDelay = true;
        _socket.ReceiveTimeout = _socket.SendTimeout = 10_000;
    }

    public static RawPeer Connect(string address)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPEndPoint.Parse(address));
        return new RawPeer(socket);
    }

    /// <summary>A whole frame with right checksums.</summary>
    public static byte[] Frame(
        ushort type, ReadOnlySpan<byte> payload = default, uint request = 0, uint generation = 0, long step = 0, int worker = -1, int slice = -1, ushort part = 0, ushort codec = 0, uint? length = null)
    {
        var frame = new byte[HeaderBytes + payload.Length];
        var span = frame.AsSpan();
        "TaaS"u8.CopyTo(span);
        BinaryPrimitives.WriteUInt16LittleEndian(span[4..], 2);
        BinaryPrimitives.WriteUInt16LittleEndian(span[6..], type);
        BinaryPrimitives.WriteUInt32LittleEndian(span[8..], request);
        BinaryPrimitives.WriteUInt32LittleEndian(span[12..], generation);
        BinaryPrimitives.WriteInt64LittleEndian(span[16..], step);
        BinaryPrimitives.WriteInt32LittleEndian(span[24..], worker);
        BinaryPrimitives.WriteInt32LittleEndian(span[28..], slice);
        BinaryPrimitives.WriteUInt16LittleEndian(span[32..], part);
        BinaryPrimitives.WriteUInt16LittleEndian(span[34..], codec);
        BinaryPrimitives.WriteUInt32LittleEndian(span[36..], length ?? (uint)payload.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(span[40..], XxHash3.HashToUInt64(payload));
        Seal(span);
        payload.CopyTo(span[HeaderBytes..]);
        return frame;
    }

    /// <summary>Writes the checksum of a header.</summary>
    public static void Seal(Span<byte> frame) =>
        BinaryPrimitives.WriteUInt32LittleEndian(frame[52..], (uint)XxHash3.HashToUInt64(frame[..52]));

    /// <summary>The greeting that answers a challenge.</summary>
    public static byte[] HelloFrame(ReadOnlySpan<byte> challenge, string secret, int worker, ulong incarnation, out byte[] nonce)
    {
        nonce = RandomNumberGenerator.GetBytes(32);
        var tail = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(tail, incarnation);
        return Frame(Hello, [.. nonce, .. Mac(secret, "taas client 2"u8, challenge, nonce, worker, tail), .. tail], worker: worker);
    }

    /// <summary>What a client says when it knows whom it talks to.</summary>
    public static byte[] JobFrame(int worker, string signature) => Frame(Job, Encoding.UTF8.GetBytes(signature), worker: worker);

    /// <summary>Proves to a server who is there, and checks the server's proof.</summary>
    public void Greet(string secret, int worker, ulong incarnation, string signature)
    {
        var challenge = Expect(Challenge);
        Send(HelloFrame(challenge, secret, worker, incarnation, out var nonce));
        Assert.Equal(Mac(secret, "taas server 2"u8, nonce, challenge, worker, default), Expect(Welcome));
        Send(JobFrame(worker, signature));
        Expect(Done);
    }

    /// <summary>The server's side: believes what it is told.</summary>
    public void Admit(string secret, int worker) => AdmitBy(secret, worker, (_, bytes) => bytes);

    /// <summary>The server's side, whose challenge (0), welcome (1) and consent (2) pass through somebody else first.</summary>
    public void AdmitBy(string secret, int worker, Func<int, byte[], byte[]> say)
    {
        var challenge = RandomNumberGenerator.GetBytes(32);
        TrySend(say(0, Frame(Challenge, challenge)));
        var hello = Receive().Payload;
        TrySend(say(1, Frame(Welcome, Mac(secret, "taas server 2"u8, hello.AsSpan(0, 32), challenge, worker, default), worker: worker)));
        Receive();
        TrySend(say(2, Frame(Done, worker: worker)));
    }

    public void Send(ReadOnlySpan<byte> bytes) => _socket.Send(bytes);

    /// <summary>Sends what can be sent: the other side may have hung up.</summary>
    public bool TrySend(ReadOnlySpan<byte> bytes)
    {
        _socket.Send(bytes, SocketFlags.None, out var error);
        return error == SocketError.Success;
    }

    /// <summary>Takes the next frame but heartbeats.</summary>
    public RawFrame Receive()
    {
        while (true)
        {
            var header = ReceiveExactly(HeaderBytes);
            Assert.Equal("TaaS"u8, header.AsSpan(0, 4));
            Assert.Equal((uint)XxHash3.HashToUInt64(header.AsSpan(0, 52)), BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(52)));
            var payload = ReceiveExactly((int)BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(36)));
            Assert.Equal(XxHash3.HashToUInt64(payload), BinaryPrimitives.ReadUInt64LittleEndian(header.AsSpan(40)));
            var frame = new RawFrame(header, payload);
            if (frame.Type != Heartbeat)
            {
                return frame;
            }
        }
    }

    /// <summary>Takes whatever comes until the other side hangs up.</summary>
    public byte[] ReceiveToEnd()
    {
        var all = new List<byte>();
        var buffer = new byte[4096];
        while (_socket.Receive(buffer, SocketFlags.None, out var error) is > 0 and var received && error == SocketError.Success)
        {
            all.AddRange(buffer.AsSpan(0, received));
        }

        return [.. all];
    }

    /// <summary>Says that nothing more will come.</summary>
    public void FinishSending() => _socket.Shutdown(SocketShutdown.Send);

    public void Dispose() => _socket.Dispose();

    private byte[] Expect(ushort type)
    {
        var frame = Receive();
        Assert.Equal(type, frame.Type);
        return frame.Payload;
    }

    private byte[] ReceiveExactly(int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var received = _socket.Receive(bytes.AsSpan(at));
            at += received > 0 ? received : throw new EndOfStreamException();
        }

        return bytes;
    }

    private static byte[] Mac(string secret, ReadOnlySpan<byte> label, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, int worker, ReadOnlySpan<byte> tail) =>
        HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), (byte[])[.. label, .. first, .. second, .. BitConverter.GetBytes(worker), .. tail]);
}

/// <summary>A frame as it came.</summary>
internal sealed record RawFrame(byte[] Header, byte[] Payload)
{
    public ushort Type => BinaryPrimitives.ReadUInt16LittleEndian(Header.AsSpan(6));

    public uint Request => BinaryPrimitives.ReadUInt32LittleEndian(Header.AsSpan(8));

    public uint Generation => BinaryPrimitives.ReadUInt32LittleEndian(Header.AsSpan(12));

    public long Step => BinaryPrimitives.ReadInt64LittleEndian(Header.AsSpan(16));

    public int Worker => BinaryPrimitives.ReadInt32LittleEndian(Header.AsSpan(24));

    public int Slice => BinaryPrimitives.ReadInt32LittleEndian(Header.AsSpan(28));
}
