using System.Net;
using System.Net.Sockets;
using CsCheck;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>The wire format, and what it makes of damage. Lost otherwise: weights full of noise, or a server that any stranger can stop.</summary>
public sealed class FrameTests
{
    [Fact]
    public void Header_KnownValues_HasTheFrozenBytes()
    {
        var bytes = new byte[FrameHeader.Bytes];
        new FrameHeader(MessageType.Push) { Request = 3, Generation = 9, Worker = 1, Step = 258, Slice = 7, Part = 2, Codec = 4, Length = 1024, PayloadHash = 0x0102030405060708 }.Write(bytes);

        Assert.Equal("546161530200" + "0A00" + "03000000" + "09000000" + "0201000000000000" + "01000000" + "07000000" + "0200" + "0400" + "00040000" + "0807060504030201" + "00000000", Convert.ToHexString(bytes.AsSpan(0, 52)));
    }

    [Fact]
    public void Header_RoundTrip_KeepsEveryField() =>
        Gen.Select(Gen.UInt, Gen.Int, Gen.Long, Gen.Int, Gen.Int, Gen.ULong).Sample((request, worker, step, slice, length, hash) =>
        {
            var header = new FrameHeader(MessageType.Pull) { Request = request, Generation = request, Worker = worker, Step = step, Slice = slice, Part = (ushort)slice, Codec = (ushort)worker, Length = length, PayloadHash = hash };
            var bytes = new byte[FrameHeader.Bytes];
            header.Write(bytes);
            Assert.Equal(header, FrameHeader.Read(bytes, "peer"));
        });

    [Fact]
    public void Header_AnyBitFlipped_IsRefused()
    {
        var bytes = new byte[FrameHeader.Bytes];
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            new FrameHeader(MessageType.Push) { Request = 3, Generation = 9, Worker = 1, Step = 258, Slice = 7, Part = 2, Codec = 4, Length = 1024, PayloadHash = 5 }.Write(bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<TransportException>(() => FrameHeader.Read(bytes, "peer"));
        }
    }

    [Fact]
    public void Payload_Damaged_IsRefused()
    {
        var (near, far) = SocketPair.Connect();
        using var connection = new FrameConnection(near, "peer", TimeSpan.FromSeconds(5));
        using var raw = far;
        var header = new byte[FrameHeader.Bytes];
        new FrameHeader(MessageType.Push) { Length = 8, PayloadHash = 123 }.Write(header);
        raw.Send(header);
        raw.Send(new byte[8]);

        var announced = connection.ReceiveHeader("a gradient", 100);

        var error = Assert.Throws<TransportException>(() => connection.ReceivePayload(announced, new byte[8]));
        Assert.Contains("does not fit its checksum", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Payload_TooLong_IsRefusedBeforeAnyIsRead()
    {
        var (near, far) = SocketPair.Connect();
        using var connection = new FrameConnection(near, "peer", TimeSpan.FromSeconds(5));
        using var raw = far;
        var header = new byte[FrameHeader.Bytes];
        foreach (var length in new[] { 101, int.MaxValue, -1 })
        {
            new FrameHeader(MessageType.Push) { Length = length }.Write(header);
            raw.Send(header);
            Assert.Throws<TransportException>(() => connection.ReceiveHeader("a gradient", 100));
        }
    }

    [Fact]
    public void Frame_CutShort_SaysWhatWasWaitedFor()
    {
        var (near, far) = SocketPair.Connect();
        using var connection = new FrameConnection(near, "worker 1", TimeSpan.FromSeconds(5));
        far.Send(new byte[20]);
        far.Dispose();

        var error = Assert.Throws<TransportException>(() => connection.ReceiveHeader("a gradient", 100));

        Assert.Equal("lost the connection to worker 1 while waiting for a gradient (closed by the other side)", error.Message);
    }

    [Fact]
    public void Exchange_SteadyState_AllocatesNothingOnTheSendingThread()
    {
        var (near, far) = SocketPair.Connect();
        using var sender = new FrameConnection(near, "peer", TimeSpan.FromSeconds(5));
        using var receiver = new FrameConnection(far, "peer", TimeSpan.FromSeconds(5));
        var content = new byte[4096];
        var into = new byte[4096];
        Assert.Equal(0, SteadyState.AllocatedBytes(() =>
        {
            for (var round = 0; round < 500; round++)
            {
                sender.Send(new FrameHeader(MessageType.Push), content);
                receiver.ReceivePayload(receiver.ReceiveHeader("a gradient", 4096), into);
            }
        }));
    }

    [Fact]
    public void Server_FedNoiseByStrangers_GoesOnServing()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 1), sockets: true);
        var random = new Random(11);
        for (var stranger = 0; stranger < 40; stranger++)
        {
            using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            socket.Connect(IPEndPoint.Parse(rig.Servers[0].Address));
            var noise = new byte[random.Next(0, 500)];
            random.NextBytes(noise);
            if (stranger % 2 == 0 && noise.Length >= FrameHeader.Bytes)
            {
                new FrameHeader((MessageType)random.Next(0, 20)) { Worker = random.Next(-2, 3), Slice = random.Next(-2, 9), Length = random.Next(-5, 5000) }.Write(noise);
            }

            try
            {
                socket.Send(noise);
            }
            catch (SocketException)
            {
                // It hung up on us, as it may.
            }
        }

        var at = rig.Join(0);
        at.Store.Initialize(rig.RandomState(1));
        Assert.Equal(0, at.Store.Pull());
        at.Exchange(0);
    }
}
