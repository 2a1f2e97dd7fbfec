using System.Buffers.Binary;
using System.Text;
using CsCheck;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>
/// A live server under fire: whatever comes, it says one line about it, an honest worker trains on, and nothing is given to who has not
/// proved itself. Lost otherwise: a cluster that anyone on the network can stop, or read the weights of.
/// </summary>
public sealed class HostileClientTests : IDisposable
{
    private static readonly ushort[] ClientTypes = [6, 8, 9, 10, 11, 14, 15, 16, 17, 18];

    private readonly SmallServer _server = new();
    private int _cases;

    public void Dispose() => _server.Dispose();

    [Fact]
    public void Greeting_Damaged_GetsNothingButAReason()
    {
        HostileFrames.Damage.Sample(
            damage =>
            {
                using var peer = _server.Connect();
                peer.Send(damage(RawPeer.HelloFrame(peer.Receive().Payload, SmallServer.Secret, 1, SmallServer.Incarnation, out _)));
                peer.FinishSending();

                RefusedInOneLine(peer);
            },
            iter: 400,
            threads: 1);
        StillServes();
    }

    [Fact]
    public void Conversation_Damaged_EndsInOneLine()
    {
        HostileFrames.Damage.Sample(
            damage =>
            {
                using var peer = _server.ConnectAsWorker();
                peer.TrySend(damage([.. _server.Conversation().SelectMany(frame => frame)]));
                peer.FinishSending();
                peer.ReceiveToEnd();

                EndedInOneLine();
            },
            iter: 400,
            threads: 1);
        StillServes();
    }

    [Fact]
    public void Frames_OfAnyContent_EndInOneLine()
    {
        HostileFrames.Frame(ClientTypes).Array[1, 6].Sample(
            frames =>
            {
                using var peer = _server.ConnectAsWorker();
                foreach (var frame in frames)
                {
                    peer.TrySend(frame);
                }

                peer.FinishSending();
                peer.ReceiveToEnd();
                EndedInOneLine();
            },
            iter: 400,
            threads: 1);
        StillServes();
    }

    [Fact]
    public void Conversation_CutAtEveryByte_EndsInOneLine()
    {
        int length;
        var cut = 0;
        do
        {
            using var peer = _server.Connect();
            var hello = RawPeer.HelloFrame(peer.Receive().Payload, SmallServer.Secret, 1, SmallServer.Incarnation, out _);
            var job = RawPeer.JobFrame(1, SmallServer.Signature);
            byte[] all = [.. hello, .. job, .. _server.Conversation().SelectMany(frame => frame)];
            length = all.Length;
            peer.Send(all.AsSpan(0, cut));
            peer.FinishSending();
            if (cut < hello.Length)
            {
                RefusedInOneLine(peer);
            }
            else if (cut < hello.Length + job.Length)
            {
                peer.ReceiveToEnd();
                IsOneLineAbout("a client at 127.0.0.1:", _server.NextLine());
            }
            else
            {
                peer.ReceiveToEnd();
                Assert.Equal("worker 1 is here", _server.NextLine());
                EndedInOneLine();
            }
        }
        while (++cut <= length);

        StillServes();
    }

    [Fact]
    public void Frames_RepeatedAndReordered_ArePushedOnce()
    {
        Gen.Int[0, 5].Array[0, 12].Sample(
            order =>
            {
                var frames = _server.Conversation();
                var before = _server.Shard.UpdatesOf(0);
                using var peer = _server.ConnectAsWorker();
                foreach (var index in order)
                {
                    peer.TrySend(frames[index]);
                }

                peer.FinishSending();
                peer.ReceiveToEnd();
                Assert.EndsWith("it may come back within 300 s", _server.NextLine(), StringComparison.Ordinal);

                // A later step makes the earlier one come too late; neither counts twice.
                var first = Array.IndexOf(order, 2);
                var second = Array.IndexOf(order, 5);
                var expected = (second >= 0 ? 1 : 0) + (first >= 0 && (second < 0 || first < second) ? 1 : 0);
                Assert.Equal(before + expected, _server.Shard.UpdatesOf(0));
                _server.Train();
            },
            iter: 200,
            threads: 1);
        StillServes();
    }

    public static TheoryData<string, byte[]> Impossible => new()
    {
        { "server 0 does not own slice 9 of 2", RawPeer.Frame(RawPeer.Push, new byte[16], generation: 1, worker: 1, slice: 9) },
        { "sent 16 bytes in a Pull frame for slice 0, expected 0", RawPeer.Frame(RawPeer.Pull, new byte[16], worker: 1, slice: 0) },
        { "announced 4194305 bytes in a Push frame; at most 4194304 are accepted here", RawPeer.Frame(RawPeer.Push, worker: 1, slice: 0, length: 4 * 1024 * 1024 + 1) },
        { "announced 4294967295 bytes in a Push frame", RawPeer.Frame(RawPeer.Push, worker: 1, slice: 0, length: uint.MaxValue) },
        { "worker 1 sent a Initialize frame; only worker 0 initialises parameters", RawPeer.Frame(RawPeer.Initialize, new byte[16], generation: 5, worker: 1, slice: 0) },
        { "worker 1 sent a Welcome frame, which a server does not take", RawPeer.Frame(RawPeer.Welcome, worker: 1) },
        { "worker 1 sent a 999 frame, which a server does not take", RawPeer.Frame(999, worker: 1) },
        { "a worker brings another model (2 parameters in 2 slices)", RawPeer.Frame(RawPeer.Register, """{"Parameters":[{"Name":"hidden.weight","Shape":[2,3]},{"Name":"hidden.bias","Shape":[2]}],"Servers":1,"MaxSliceElements":262144,"PlannedUpdates":1000}"""u8, worker: 1) },
        { "a worker registered a model that cannot be read", RawPeer.Frame(RawPeer.Register, "{\"Parameters\":[{\"Name\":\"w\",\"Shape\":[-3]}],\"Servers\":1}"u8, worker: 1) },
        { "speaks protocol version 1, this side speaks 2", OfVersion(1) },
    };

    [Theory]
    [MemberData(nameof(Impossible))]
    public void Worker_AsksTheImpossible_IsRefusedWithTheReason(string expected, byte[] frame)
    {
        using var peer = _server.ConnectAsWorker();
        peer.Send(frame);
        peer.FinishSending();
        peer.ReceiveToEnd();

        Assert.Contains(expected, EndedInOneLine(), StringComparison.Ordinal);
        _server.Train();
    }

    public static TheoryData<string, byte[]> Missing => new()
    {
        { "server 0 does not own slice -1 of 2", RawPeer.Frame(RawPeer.Pull, worker: 1) },
        { "server 0 does not own slice 5 of 2", RawPeer.Frame(RawPeer.Pull, worker: 1, slice: 5) },
        { "slice 0 has parts 0 to 1, not 7", RawPeer.Frame(RawPeer.Pull, worker: 1, slice: 0, part: 7) },
    };

    [Theory]
    [MemberData(nameof(Missing))]
    public void Worker_AsksForWhatIsNotThere_IsToldWhy(string expected, byte[] frame)
    {
        using var peer = _server.ConnectAsWorker();
        peer.Send(frame);

        var answer = peer.Receive();
        peer.Dispose();

        Assert.Equal(RawPeer.Abort, answer.Type);
        Assert.StartsWith(expected, Encoding.UTF8.GetString(answer.Payload), StringComparison.Ordinal);
        Assert.Contains(expected, EndedInOneLine(), StringComparison.Ordinal);
        _server.Train();
    }

    [Fact]
    public void Push_OfTheWrongLength_IsRefusedWithBothLengths()
    {
        using var peer = _server.ConnectAsWorker();
        peer.Send(RawPeer.Frame(RawPeer.Push, new byte[12], generation: _server.Shard.Generation, step: 0, worker: 1, slice: 0));
        peer.FinishSending();
        peer.ReceiveToEnd();

        Assert.Contains("sent 12 bytes in a Push frame for slice 0, expected 16", EndedInOneLine(), StringComparison.Ordinal);
        _server.Train();
    }

    [Fact]
    public void Stranger_WithoutTheSecret_GetsNothing()
    {
        using var peer = _server.Connect();
        var challenge = peer.Receive();
        peer.Send(RawPeer.HelloFrame(challenge.Payload, "guess", 1, 7, out _));

        var all = peer.ReceiveToEnd();

        Assert.Equal(RawPeer.Abort, BinaryPrimitives.ReadUInt16LittleEndian(all.AsSpan(6)));
        Assert.Equal("the secret differs; give every role of a job the same TAAS_SECRET", Encoding.UTF8.GetString(all.AsSpan(RawPeer.HeaderBytes)));
        Assert.All(SmallServer.Secrets(), secret => Assert.Equal(-1, challenge.Payload.Concat(all).ToArray().AsSpan().IndexOf(secret)));
        Assert.EndsWith("the secret differs; give every role of a job the same TAAS_SECRET", _server.NextLine(), StringComparison.Ordinal);
    }

    [Fact]
    public void Strangers_ByTheHundredWhoSayNothing_KeepNobodyOut()
    {
        var strangers = Enumerable.Range(0, 300).Select(_ => _server.Connect()).ToArray();
        using var newcomer = _server.Join(1, SmallServer.Memory());

        newcomer.Pull();

        _server.Train();
        var lines = Enumerable.Range(0, strangers.Length + 1).Select(_ => _server.NextLine()).ToArray();
        Assert.Single(lines, "worker 1 is here");
        Assert.Equal(strangers.Length, lines.Count(line => line.Contains("a client at 127.0.0.1:", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.EndsWith("it had not proved itself when 32 newer ones came", StringComparison.Ordinal));
        Assert.All(strangers, stranger => stranger.Dispose());
    }

    [Fact]
    public async Task Strangers_WhoSpeakAByteAtATime_AreLetGoWithinTheLimit()
    {
        using var stop = new CancellationTokenSource();
        var slow = Enumerable.Range(0, 20).Select(_ => DribbleAsync(stop.Token)).ToArray();
        using var newcomer = _server.Join(1, SmallServer.Memory());
        newcomer.Pull();
        Assert.Equal("worker 1 is here", _server.NextLine());

        foreach (var _ in slow)
        {
            Assert.Matches("it did not prove itself within 1 s$|was silent for 1 s", _server.NextLine());
        }

        await stop.CancelAsync();
        await Task.WhenAll(slow);
        _server.Train();
    }

    [Fact]
    public void AnnouncedLengths_CostNoMemory()
    {
        using var warm = SocketPair.Connect();
        Admit(warm, RawPeer.Frame(RawPeer.Hello, length: 4097));
        foreach (var length in new uint[] { 4097, int.MaxValue, uint.MaxValue })
        {
            using var sockets = SocketPair.Connect();
            var before = GC.GetAllocatedBytesForCurrentThread();
            Admit(sockets, RawPeer.Frame(RawPeer.Hello, length: length));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 * 1024);
        }

        static void Admit(SocketPair sockets, byte[] hello)
        {
            using var connection = new FrameConnection(sockets.Near, "a client", TimeSpan.FromSeconds(5));
            sockets.Far.Send(hello);
            Assert.Contains("at most 4096 are accepted here", Assert.Throws<TransportException>(() => Handshake.Admit(connection, "secret", 2, "job", out _)).Message, StringComparison.Ordinal);
        }
    }

    private static byte[] OfVersion(ushort version)
    {
        var frame = RawPeer.Frame(RawPeer.Heartbeat, worker: 1);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(4), version);
        RawPeer.Seal(frame);
        return frame;
    }

    private void RefusedInOneLine(RawPeer peer)
    {
        var answer = peer.ReceiveToEnd();
        Assert.True(answer.Length == 0 || BinaryPrimitives.ReadUInt16LittleEndian(answer.AsSpan(6)) == RawPeer.Abort);
        IsOneLineAbout("a client at 127.0.0.1:", _server.NextLine());
    }

    private string EndedInOneLine()
    {
        var line = _server.NextLine();
        Assert.EndsWith("it may come back within 300 s", line, StringComparison.Ordinal);
        IsOneLineAbout("worker 1: ", line);
        return line;
    }

    // Now and then the honest worker makes a step in between.
    private void IsOneLineAbout(string whom, string line)
    {
        Assert.Contains(whom, line, StringComparison.Ordinal);
        Assert.DoesNotContain(line, char.IsControl);
        if (++_cases % 20 == 0)
        {
            _server.Train();
        }
    }

    private void StillServes()
    {
        _server.Train();
        Assert.Empty(_server.Log);
        using var newcomer = _server.Join(1, SmallServer.Memory());
        newcomer.Leave();
    }

    private async Task DribbleAsync(CancellationToken stop)
    {
        using var peer = _server.Connect();
        var hello = RawPeer.HelloFrame(peer.Receive().Payload, SmallServer.Secret, 1, 7, out _);
        for (var at = 0; at < hello.Length && !stop.IsCancellationRequested && peer.TrySend(hello.AsSpan(at, 1)); at++)
        {
            await Task.Delay(25, CancellationToken.None);
        }
    }
}
