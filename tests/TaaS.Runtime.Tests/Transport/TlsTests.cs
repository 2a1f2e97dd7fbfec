using System.Net;
using System.Net.Sockets;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>Conversations over TLS. Lost otherwise: weights and data in the clear on a shared network, or an evening over a bad certificate.</summary>
public sealed class TlsTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private readonly TestCertificates _certificates = new();

    public void Dispose() => _certificates.Dispose();

    [Fact]
    public async Task Training_OverMutualTls_SameBitsAsWithout()
    {
        var plain = await TrainAsync(null);
        var secured = await TrainAsync(_certificates.Both());

        Assert.Equal(plain, secured);
    }

    [Fact]
    public async Task Frames_BothWaysAtOnce_ArriveWhole()
    {
        const int frames = 300;
        var (client, server) = await SecureAsync(_certificates.Client(), _certificates.Server());
        using var near = client;
        using var far = server;
        await Task.WhenAll(
            Task.Run(() => SendAll(near, frames)),
            Task.Run(() => SendAll(far, frames)),
            Task.Run(() => ReceiveAll(near, frames)),
            Task.Run(() => ReceiveAll(far, frames))).WaitAsync(Limit);
    }

    [Fact]
    public async Task OnTheWire_NothingIsReadable()
    {
        using var sockets = SocketPair.Connect();
        using var tap = SocketPair.Connect();
        using var client = new FrameConnection(sockets.Near, "ps-0", Limit);
        using var server = new FrameConnection(tap.Far, "a client", Limit);
        var seen = new List<byte>();
        var pump = Task.WhenAll(Task.Run(() => Pump(sockets.Far, tap.Near, seen)), Task.Run(() => Pump(tap.Near, sockets.Far, seen)));
        await Task.WhenAll(
            Task.Run(() => client.SecureAsClient(_certificates.Client(), "127.0.0.1")),
            Task.Run(() => server.SecureAsServer(_certificates.Server())));
        var content = Enumerable.Repeat("the weights of a model "u8.ToArray(), 20).SelectMany(part => part).ToArray();

        client.Send(new FrameHeader(MessageType.Push), content);
        var into = new byte[content.Length];
        server.ReceivePayload(server.ReceiveHeader("a gradient", content.Length), into);
        client.Dispose();
        server.Dispose();
        await pump.WaitAsync(Limit);

        Assert.Equal(content, into);
        var wire = seen.ToArray();
        Assert.True(wire.Length > content.Length);
        Assert.Equal(-1, wire.AsSpan().IndexOf("the weights"u8));
        Assert.Equal(-1, wire.AsSpan().IndexOf("TaaS"u8));
    }

    [Theory]
    [InlineData("127.0.0.1", -2, -1, "its certificate 'CN=taas 127.0.0.1' expired at ")]
    [InlineData("127.0.0.1", 1, 2, "its certificate 'CN=taas 127.0.0.1' is not valid before ")]
    [InlineData("ps.example", -1, 1, "its certificate is for 'ps.example', not for '127.0.0.1'; connect by a name")]
    public void Certificate_OfServerIsWrong_WorkerSaysHow(string host, int from, int until, string expected)
    {
        using var rig = Rig(_certificates.Server(host, from, until));

        var error = Assert.Throws<TrainingException>(() => rig.Join(0, rig.Options with { Tls = _certificates.Client() }).Store.Pull());

        Assert.StartsWith($"cannot trust ps-0 ({rig.Servers[0].Address}): {expected}", error.Message, StringComparison.Ordinal);
        Assert.Contains("a client at 127.0.0.1:", NextLine(rig), StringComparison.Ordinal);
    }

    [Fact]
    public void Certificate_OfUnknownAuthority_WorkerNamesIt()
    {
        using var others = new TestCertificates("their authority");
        using var rig = Rig(others.Server());

        var error = Assert.Throws<TrainingException>(() => rig.Join(0, rig.Options with { Tls = _certificates.Client() }).Store.Pull());

        Assert.EndsWith("its certificate 'CN=taas 127.0.0.1' comes from 'CN=their authority', which is not among the authorities of TAAS_TLS_CA", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Worker_ShowsNoCertificateWhereOneIsDemanded_IsToldSo()
    {
        using var rig = Rig(_certificates.Both());

        var error = Assert.Throws<TrainingException>(() => rig.Join(0, rig.Options with { Tls = _certificates.Client() }).Store.Pull());

        Assert.EndsWith("the server does not trust the client: it shows no certificate; set TAAS_TLS_CERT and TAAS_TLS_KEY there", error.Message, StringComparison.Ordinal);
        Assert.Contains("it shows no certificate", NextLine(rig), StringComparison.Ordinal);
    }

    [Fact]
    public void Worker_ShowsAnExpiredCertificate_IsToldSo()
    {
        using var rig = Rig(_certificates.Both());

        var error = Assert.Throws<TrainingException>(() => rig.Join(0, rig.Options with { Tls = _certificates.Both(untilDays: -1) }).Store.Pull());

        Assert.Contains("the server does not trust the client: its certificate 'CN=taas 127.0.0.1' expired at ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PlainWorker_TlsServer_BothSaySo()
    {
        using var rig = Rig(_certificates.Server());

        var error = Assert.Throws<TrainingException>(() => rig.Join(0, rig.Options with { Tls = null }).Store.Pull());

        Assert.EndsWith("the server speaks TLS and the client does not (it said nothing for 2.5 s); set TAAS_TLS_CA for the client", error.Message, StringComparison.Ordinal);
        Assert.Contains("the server speaks TLS and the client does not", NextLine(rig), StringComparison.Ordinal);
    }

    [Fact]
    public void TlsWorker_PlainServer_BothSaySo()
    {
        using var rig = Rig(null);

        var error = Assert.Throws<TrainingException>(() => rig.Join(0, rig.Options with { Tls = _certificates.Client() }).Store.Pull());

        Assert.Contains("does not speak TLS and this side does; set TAAS_TLS_CERT and TAAS_TLS_KEY for the server", error.Message, StringComparison.Ordinal);
        Assert.Contains("speaks TLS and this side does not", NextLine(rig), StringComparison.Ordinal);
    }

    [Fact]
    public void Stranger_StopsInTheMiddleOfTheHandshake_IsLetGoWithinTheLimit()
    {
        using var rig = Rig(_certificates.Server(), TimeSpan.FromMilliseconds(400));
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPEndPoint.Parse(rig.Servers[0].Address));
        socket.Send([0x16, 0x03, 0x01, 0x01, 0x00, 0x01]);

        Assert.Matches("^refused a client at .*: it did not prove itself within 0.4 s$|was silent in the middle of the TLS handshake", NextLine(rig));
    }

    [Fact]
    public void Server_WithoutCertificate_DoesNotStart()
    {
        var shard = new ParameterShard(Kernels.Reference.ReferenceDevice.Instance, StoreRig.Momentum, new UpdatePolicy(0, 1), 0);

        var error = Assert.Throws<TransportException>(() => new SocketParameterServer("127.0.0.1:0", shard, StoreRig.Quick with { Tls = _certificates.Client() }));

        Assert.Equal("a server over TLS needs a certificate; set TAAS_TLS_CERT and TAAS_TLS_KEY", error.Message);
    }

    [Fact]
    public void Files_MissingOrOfAnotherKind_AreNamed()
    {
        var (certificate, key) = _certificates.Issue();
        var (_, otherKey) = _certificates.Issue();

        Assert.Null(TlsOptions.Load(null, "", null));
        Says(() => TlsOptions.Load(certificate, null, null), "TAAS_TLS_CERT is set and TAAS_TLS_KEY is not");
        Says(() => TlsOptions.Load(null, key, null), "TAAS_TLS_KEY is set and TAAS_TLS_CERT is not");
        Says(() => TlsOptions.Load(certificate, otherKey, null), $"TAAS_TLS_CERT '{certificate}' and TAAS_TLS_KEY '{otherKey}' cannot be used together");
        Says(() => TlsOptions.Load(null, null, "/nowhere/ca.pem"), "TAAS_TLS_CA '/nowhere/ca.pem' cannot be read");
        Says(() => TlsOptions.Load(null, null, key), $"TAAS_TLS_CA '{key}' holds no certificate");

        static void Says(Action load, string expected) => Assert.StartsWith(expected, Assert.Throws<TrainingException>(load).Message, StringComparison.Ordinal);
    }

    private static StoreRig Rig(TlsOptions? tls, TimeSpan? handshake = null) =>
        new(1, new UpdatePolicy(0, 1), sockets: true, options: StoreRig.Quick with { Tls = tls, Handshake = handshake ?? TimeSpan.FromSeconds(5) });

    private static string NextLine(StoreRig rig) => rig.Log.TryTake(out var line, Limit) ? line : "nothing was said";

    private static async Task<float[][]> TrainAsync(TlsOptions? tls)
    {
        using var rig = new StoreRig(2, new UpdatePolicy(0, 2), sockets: true, options: StoreRig.Quick with { Tls = tls });
        var workers = new[] { rig.Join(0), rig.Join(1) };
        var values = await Task.WhenAll(workers.Select((at, worker) => Task.Run(() =>
        {
            if (worker == 0)
            {
                at.Store.Initialize(rig.RandomState(3));
            }

            at.Store.Pull();
            var random = new Random(worker);
            for (var step = 0; step < 10; step++)
            {
                at.FillGradients(random);
                at.Exchange(step);
            }

            return at.Copy();
        }))).WaitAsync(Limit);
        return values[0];
    }

    private static async Task<(FrameConnection Client, FrameConnection Server)> SecureAsync(TlsOptions client, TlsOptions server)
    {
        var (near, far) = SocketPair.Connect();
        var connections = (new FrameConnection(near, "ps-0", Limit), new FrameConnection(far, "worker 0", Limit));
        await Task.WhenAll(
            Task.Run(() => connections.Item1.SecureAsClient(client, "127.0.0.1")),
            Task.Run(() => connections.Item2.SecureAsServer(server)));
        return connections;
    }

    private static void SendAll(FrameConnection connection, int frames)
    {
        for (var frame = 0; frame < frames; frame++)
        {
            connection.Send(new FrameHeader(MessageType.Push) { Step = frame }, Content(frame));
        }
    }

    private static void ReceiveAll(FrameConnection connection, int frames)
    {
        for (var frame = 0; frame < frames; frame++)
        {
            var header = connection.ReceiveHeader("a gradient", 1 << 20);
            var into = new byte[header.Length];
            connection.ReceivePayload(header, into);
            Assert.Equal(frame, header.Step);
            Assert.Equal(Content(frame), into);
        }
    }

    // Sizes around those of records and of what is sent at once.
    private static byte[] Content(int frame)
    {
        int[] sizes = [0, 1, 16 * 1024, 16 * 1024 + 1, 64 * 1024, 100_003];
        var content = new byte[sizes[frame % sizes.Length]];
        new Random(frame).NextBytes(content);
        return content;
    }

    private static void Pump(Socket from, Socket to, List<byte> seen)
    {
        var buffer = new byte[4096];
        while (from.Receive(buffer, SocketFlags.None, out var error) is > 0 and var received && error == SocketError.Success)
        {
            lock (seen)
            {
                seen.AddRange(buffer.AsSpan(0, received));
            }

            to.Send(buffer.AsSpan(0, received), SocketFlags.None, out _);
        }

        to.Shutdown(SocketShutdown.Send);
    }
}
