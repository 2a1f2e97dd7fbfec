using System.Text;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>
/// A whole frame of every type as it goes over TCP, header and payload. The bytes were made by another implementation of the protocol's
/// document, in Python. Lost otherwise: clients in other languages, and roles of two releases that damage each other's training.
/// </summary>
public sealed class GoldenFrameTests
{
    private const string Secret = "a secret";
    private const string Signature = "ps 0; sync, 2 workers; sgd rate 0.1";
    private const string JobAccepted = "54616153020007000000000000000000000000000000000001000000FFFFFFFF0000000000000000C294D3380580062D0000000019919F92";
    private const ulong Incarnation = 0x1122334455667788;

    // Types of the ring begin here and have tests of their own.
    private const MessageType FirstOfRing = (MessageType)40;

    private static readonly Dictionary<MessageType, string> Frames = new()
    {
        [MessageType.Challenge] =
            "546161530200010000000000000000000000000000000000FFFFFFFFFFFFFFFF0000000020000000054C6EE91F58233500000000C86ACAFF"
            + "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F",
        [MessageType.Hello] =
            "54616153020002000000000000000000000000000000000001000000FFFFFFFF0000000048000000A5E5B4BCE7A382E500000000F704A916"
            + "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3FC9F451A000A03C99BBC7C73573FDDC79467AFE900DDDCADCAA7F48986D2354EF8877665544332211",
        [MessageType.Welcome] =
            "54616153020003000000000000000000000000000000000001000000FFFFFFFF0000000020000000184005F97DB4E1EA000000000CE4F1DB"
            + "3B14D07BB27FC3BB0FDDD482232654ABD1F6A9FC1075AC9E36B77F470EBC7DFF",
        [MessageType.Abort] =
            "546161530200040000000000000000000000000000000000FFFFFFFFFFFFFFFF0000000006000000F851B139772485D500000000131BB6E5"
            + "6E6F3A20C3BC",
        [MessageType.Heartbeat] =
            "54616153020005000000000000000000000000000000000001000000FFFFFFFF0000000000000000C294D3380580062D000000001EA2089B",
        [MessageType.Register] =
            "54616153020006000000000000000000000000000000000001000000FFFFFFFF000000006200000054EB3D98D497F337000000009B3B6FC6"
            + "7B22506172616D6574657273223A5B7B224E616D65223A2277222C225368617065223A5B325D7D5D2C2253657276657273223A312C224D6178536C696365456C656D656E7473223A3236323134342C22506C616E6E656455706461746573223A387D",
        [MessageType.Done] =
            "54616153020007000700000009000000080000000000000001000000FFFFFFFF0000000000000000C294D3380580062D000000003516F975",
        [MessageType.Initialize] =
            "546161530200080003000000090000002800000000000000000000000000000001000000080000007EF7D657031D5228000000006D5C35C8"
            + "0000C03F000000C0",
        [MessageType.InitializeDone] =
            "54616153020009000400000009000000280000000000000000000000FFFFFFFF0000000000000000C294D3380580062D00000000096B6808",
        [MessageType.Push] =
            "5461615302000A0005000000090000002900000000000000010000000000000000000000080000007EF7D657031D522800000000D17BB0DE"
            + "0000C03F000000C0",
        [MessageType.Pull] =
            "5461615302000B000600000008000000000000000000000001000000000000000000000000000000C294D3380580062D00000000B16D2337",
        [MessageType.Parameters] =
            "5461615302000C0005000000090000002A00000000000000010000000000000000000000080000007EF7D657031D522800000000CF6594CF"
            + "0000C03F000000C0",
        [MessageType.Leave] =
            "5461615302000D000800000009000000000000000000000001000000FFFFFFFF0000000000000000C294D3380580062D00000000424885D7",
        [MessageType.Finish] =
            "5461615302000E000900000009000000000000000000000001000000FFFFFFFF0000000000000000C294D3380580062D00000000AB841A3E",
        [MessageType.Snapshot] =
            "5461615302000F000A000000090000002A0000000000000000000000000000000100000000000000C294D3380580062D000000005566BA42",
        [MessageType.PullFinal] =
            "54616153020010000B00000009000000000000000000000000000000000000000000000000000000C294D3380580062D00000000D39AC4B7",
        [MessageType.Join] =
            "54616153020011000C000000090000002B0000000000000001000000FFFFFFFF0000000000000000C294D3380580062D00000000228E0EBD",
        [MessageType.Abandon] =
            "54616153020012000D000000090000002B0000000000000001000000FFFFFFFF0000000000000000C294D3380580062D000000005716605C",
        [MessageType.WentBack] =
            "5461615302001300050000000A000000290000000000000001000000000000000000000000000000C294D3380580062D000000009FE5FB8D",
        [MessageType.Busy] =
            "546161530200140000000000000000000000000000000000FFFFFFFFFFFFFFFF00000000050000000B53B49DD00A0E99000000002731280C"
            + "6C61746572",
        [MessageType.Job] =
            "54616153020015000000000000000000000000000000000001000000FFFFFFFF00000000230000004AD1BEB7BBE1304300000000A759EFAF"
            + "707320303B2073796E632C203220776F726B6572733B20736764207261746520302E31",
    };

    public static TheoryData<ushort> Types => [.. Frames.Keys.Select(type => (ushort)type)];

    [Fact]
    public void Table_HasEveryType() => Assert.Equal(Enum.GetValues<MessageType>().Where(type => type < FirstOfRing).Order(), Frames.Keys.Order());

    [Theory]
    [MemberData(nameof(Types))]
    public void Frame_OfAType_IsReadFromAndWrittenToItsBytes(ushort type)
    {
        var golden = Convert.FromHexString(Frames[(MessageType)type]);
        using var sockets = SocketPair.Connect();
        using var connection = new FrameConnection(sockets.Near, "peer", TimeSpan.FromSeconds(5));
        sockets.Far.Send(golden);

        var header = connection.ReceiveHeader("a frame", 4096);
        var payload = new byte[header.Length];
        connection.ReceivePayload(header, payload);
        connection.Send(header with { Length = 0, PayloadHash = 0 }, payload);

        Assert.Equal((MessageType)type, header.Type);
        Assert.Equal(Convert.ToHexString(golden), Convert.ToHexString(Receive(sockets, golden.Length)));
    }

    [Fact]
    public void Push_AndItsAnswer_HaveTheFieldsTheyWereMadeOf()
    {
        var push = FrameHeader.Read(Convert.FromHexString(Frames[MessageType.Push]).AsSpan(0, FrameHeader.Bytes), "peer");
        Assert.Equal((5u, 9u, 41L, 1, 0, (ushort)0, (ushort)0, 8), (push.Request, push.Generation, push.Step, push.Worker, push.Slice, push.Part, push.Codec, push.Length));

        var answer = FrameHeader.Read(Convert.FromHexString(Frames[MessageType.Parameters]).AsSpan(0, FrameHeader.Bytes), "peer");
        Assert.Equal((5u, 9u, 42L), (answer.Request, answer.Generation, answer.Step));
    }

    [Fact]
    public async Task Admit_KnownNonces_SpeaksTheFrozenBytes()
    {
        using var sockets = SocketPair.Connect();
        using var connection = new FrameConnection(sockets.Near, "a client", TimeSpan.FromSeconds(5));
        ulong incarnation = 0;
        var admitting = Task.Run(() => Handshake.Admit(connection, Secret, 2, Signature, out incarnation, nonce => Count(nonce, 0)));

        var challenge = Convert.FromHexString(Frames[MessageType.Challenge]);
        Assert.Equal(Frames[MessageType.Challenge], Convert.ToHexString(Receive(sockets, challenge.Length)));
        sockets.Far.Send(Convert.FromHexString(Frames[MessageType.Hello]));
        Assert.Equal(Frames[MessageType.Welcome], Convert.ToHexString(Receive(sockets, Frames[MessageType.Welcome].Length / 2)));
        sockets.Far.Send(Convert.FromHexString(Frames[MessageType.Job]));
        Assert.Equal(JobAccepted, Convert.ToHexString(Receive(sockets, FrameHeader.Bytes)));

        Assert.Equal(1, await admitting.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal(Incarnation, incarnation);
    }

    [Fact]
    public async Task Greet_KnownNonces_SpeaksTheFrozenBytes()
    {
        using var sockets = SocketPair.Connect();
        using var connection = new FrameConnection(sockets.Near, "ps-0", TimeSpan.FromSeconds(5));
        var greeting = Task.Run(() => Handshake.Greet(connection, Secret, 1, Incarnation, Signature, nonce => Count(nonce, 32)));

        sockets.Far.Send(Convert.FromHexString(Frames[MessageType.Challenge]));
        Assert.Equal(Frames[MessageType.Hello], Convert.ToHexString(Receive(sockets, Frames[MessageType.Hello].Length / 2)));
        sockets.Far.Send(Convert.FromHexString(Frames[MessageType.Welcome]));
        Assert.Equal(Frames[MessageType.Job], Convert.ToHexString(Receive(sockets, Frames[MessageType.Job].Length / 2)));
        sockets.Far.Send(Convert.FromHexString(JobAccepted));

        await greeting.WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData(MessageType.Abort, true, "ps-0: no: ü")]
    [InlineData(MessageType.Busy, false, "ps-0: later")]
    internal void Refusal_IsReadWithItsReason(MessageType type, bool isFinal, string expected)
    {
        using var sockets = SocketPair.Connect();
        using var connection = new FrameConnection(sockets.Near, "ps-0", TimeSpan.FromSeconds(5));
        sockets.Far.Send(Convert.FromHexString(Frames[type]));

        var error = Assert.Throws<TransportException>(() => Handshake.Greet(connection, Secret, 1, Incarnation, Signature));

        Assert.Equal(expected, error.Message);
        Assert.Equal(isFinal, error.Final);
    }

    [Fact]
    public void Refusal_WithControlCharacters_IsStillOneLine()
    {
        using var sockets = SocketPair.Connect();
        using var near = new FrameConnection(sockets.Near, "ps-0", TimeSpan.FromSeconds(5));
        using var far = new FrameConnection(sockets.Far, "a client", TimeSpan.FromSeconds(5));
        far.Send(new FrameHeader(MessageType.Abort), Encoding.UTF8.GetBytes("no\n[31mroot: all is well"));

        var error = Assert.Throws<TransportException>(() => Handshake.Greet(near, Secret, 1, Incarnation, Signature));

        Assert.Equal("ps-0: no [31mroot: all is well", error.Message);
    }

    private static void Count(Span<byte> nonce, byte from)
    {
        foreach (ref var value in nonce)
        {
            value = from++;
        }
    }

    private static byte[] Receive(SocketPair sockets, int length)
    {
        var bytes = new byte[length];
        for (var at = 0; at < length;)
        {
            var received = sockets.Far.Receive(bytes.AsSpan(at));
            Assert.NotEqual(0, received);
            at += received;
        }

        return bytes;
    }
}
