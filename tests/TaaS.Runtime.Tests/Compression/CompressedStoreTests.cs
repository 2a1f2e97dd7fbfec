using System.Net;
using System.Net.Sockets;
using TaaS.Runtime.Compression;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Compression;

/// <summary>Compressed pushes between real workers and servers. Lost otherwise: gradients applied twice or not at all, and nobody to see it.</summary>
public sealed class CompressedStoreTests
{
    private const int Steps = 12;

    public static TheoryData<string> Codecs => ["fp16", "bf16", "topk", "1bit", "2bit"];

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task Sync_OverSockets_AppliesWhatTheCodecMadeOfEachGradient(string name)
    {
        var compression = GradientCompression.Of(name, 0.05);
        var (expected, bytes) = TrainDecodedInProcess(compression);
        var got = await TrainOverSocketsAsync(compression, breakEvery: int.MaxValue);

        Assert.Equal(expected, got.Values);
        Assert.Equal(bytes, got.Traffic.Select(traffic => traffic.BytesPushed));
        // Parameters come back as f32, once for the first pull and once a step.
        Assert.All(got.Traffic, traffic => Assert.Equal((Steps + 1) * sizeof(float) * StoreRig.Model.Sum(parameter => parameter.Elements), traffic.BytesPulled));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public async Task Sync_ConnectionBreaksNowAndThen_SameBitsAsWithout(string name)
    {
        var compression = GradientCompression.Of(name, 0.05);
        var broken = await TrainOverSocketsAsync(compression, breakEvery: 60_000);

        Assert.True(broken.Breaks > 3, $"only {broken.Breaks} connections broke; the test shows nothing");
        Assert.Equal(TrainDecodedInProcess(compression).Values, broken.Values);
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void Pushes_TakeAsFewBytesAsPromised(string name)
    {
        var policy = new UpdatePolicy(-1, 1) { Compression = GradientCompression.Of(name, 0.01) };
        using var rig = new StoreRig(2, policy, sockets: true);
        var at = rig.Join(0);
        at.Store.Initialize(rig.RandomState(1));
        at.Store.Pull();
        at.FillGradients(new Random(1));
        at.Exchange(0);

        var codec = policy.Compression.CreateCodec()!;
        Assert.InRange(at.Store.Traffic.BytesPushed, 1, rig.Layout.Slices.Sum(slice => codec.MaxBytes(slice.Length)));
        Assert.True(at.Store.Traffic.BytesPushed <= StoreRig.Model.Sum(parameter => parameter.Elements) * sizeof(float) / 2);
    }

    [Theory]
    [InlineData("topk", 0, 2000, "a None gradient cannot be decoded: worker 1 sent it for slice 0, the job's compression is topk 0.01")]
    [InlineData("topk", 4, 72, "a OneBit gradient cannot be decoded: worker 1 sent it for slice 0")]
    [InlineData("topk", 3, 2000, "a topk 0.01 gradient cannot be decoded: worker 1 sent 2000 bytes for slice 0 of")]
    [InlineData("topk", 3, 5, "a topk gradient cannot be decoded: it starts with 8 bytes, 5 came")]
    [InlineData("1bit", 4, 5, "a 1bit gradient cannot be decoded: ")]
    [InlineData("none", 3, 10, "a TopK gradient cannot be decoded: worker 1 sent it for slice 0, the job's compression is none")]
    [InlineData("none", 999, 10, "a 999 gradient cannot be decoded: ")]
    public void Push_OfAnotherCodecOrSize_IsRefusedAndTheServerStaysUp(string name, int codec, int length, string reason)
    {
        using var rig = new StoreRig(1, new UpdatePolicy(-1, 2) { Compression = GradientCompression.Of(name, 0.01) }, sockets: true);
        var honest = rig.Join(0);
        honest.Store.Initialize(rig.RandomState(1));
        honest.Store.Pull();
        using (var liar = Connect(rig, worker: 1))
        {
            liar.Send(new FrameHeader(MessageType.Register) { Worker = 1 }, rig.Layout.ToJson());
            Next(liar);
            liar.Send(new FrameHeader(MessageType.Push) { Generation = rig.Shards[0].Generation, Worker = 1, Slice = 0, Step = 0, Codec = (ushort)codec }, new byte[length]);

            var answer = Next(liar);
            Assert.Equal(MessageType.Abort, answer.Type);
            Assert.Contains(reason, Handshake.ReadAbort(liar, answer).Message, StringComparison.Ordinal);
        }

        honest.FillGradients(new Random(1));
        honest.Exchange(0);
        Assert.Equal(1, rig.Shards[0].UpdatesOf(0));
    }

    [Theory]
    [MemberData(nameof(Codecs))]
    public void TrainingThatGoesBack_ComesToTheSameBits(string name)
    {
        using var rig = new StoreRig(2, new UpdatePolicy(0, 1) { Compression = GradientCompression.Of(name, 0.05) }, sockets: true);
        var at = rig.Join(0);
        var results = new List<float[][]>();
        for (var generation = 0; generation < 2; generation++)
        {
            at.Store.Initialize(rig.RandomState(3));
            var random = new Random(7);
            for (var step = at.Store.Pull()!.Value; step < Steps; step++)
            {
                at.FillGradients(random);
                at.Exchange(step);
            }

            results.Add(at.Copy());
        }

        // What the first time left out belongs to parameters that are no more.
        Assert.Equal(results[0], results[1]);
    }

    // The yardstick: no sockets; each worker's gradients are what the codec makes of them.
    private static (float[][] Values, long[] Bytes) TrainDecodedInProcess(GradientCompression compression)
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 2), sockets: false);
        var codec = compression.CreateCodec()!;
        var encoders = Enumerable.Range(0, 2).Select(_ => new GradientEncoder(codec, rig.Layout.Slices.Count)).ToArray();
        var workers = Enumerable.Range(0, 2).Select(worker => rig.Join(worker)).ToArray();
        var randoms = Enumerable.Range(0, 2).Select(worker => new Random(worker)).ToArray();
        var bytes = new long[2];
        workers[0].Store.Initialize(rig.RandomState(3));
        foreach (var at in workers)
        {
            at.Store.Pull();
        }

        for (var step = 0; step < Steps; step++)
        {
            foreach (var (worker, at) in workers.Index())
            {
                at.FillGradients(randoms[worker]);
                foreach (var slice in rig.Layout.Slices)
                {
                    var gradient = at.Gradients[slice.Parameter].Floats.Slice(slice.Offset, slice.Length);
                    var encoded = encoders[worker].Encode(slice.Index, 0, step, gradient);
                    bytes[worker] += encoded.Length;
                    codec.Decode(encoded, gradient);
                }

                at.Store.Begin(step, at.Gradients);
                for (var parameter = 0; parameter < StoreRig.Model.Length; parameter++)
                {
                    at.Store.Push(parameter);
                }
            }

            foreach (var at in workers)
            {
                at.Store.Complete();
            }
        }

        return (workers[0].Copy(), bytes);
    }

    private static async Task<(float[][] Values, StoreTraffic[] Traffic, int Breaks)> TrainOverSocketsAsync(GradientCompression compression, int breakEvery)
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 2) { Compression = compression }, sockets: true);
        using var proxy = new BreakingProxy(rig.Servers[0].Address, breakEvery);
        var traffic = new StoreTraffic[2];
        var values = await Task.WhenAll(Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            var (memory, gradients) = (StoreRig.Memory(), StoreRig.Memory());
            using var store = new SocketParameterStore([proxy.Address], worker, rig.Layout, memory, rig.Optimizer, rig.Policy, StoreRig.Quick with { Reconnect = TimeSpan.FromMinutes(1) });
            var at = new RigWorker(store, memory, gradients);
            at.Train(worker, rig.RandomState(3), Steps);
            traffic[worker] = store.Traffic;
            return at.Copy();
        })));
        Assert.Equal(values[0], values[1]);
        return (values[0], traffic, proxy.Breaks);
    }

    private static FrameConnection Connect(StoreRig rig, int worker)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(IPEndPoint.Parse(rig.Servers[0].Address));
        var connection = new FrameConnection(socket, "ps-0", TimeSpan.FromSeconds(5));
        Handshake.Greet(connection, StoreRig.Quick.Secret, worker, 1, SocketParameterServer.Signature(0, rig.Policy, rig.Optimizer));
        return connection;
    }

    private static FrameHeader Next(FrameConnection connection)
    {
        FrameHeader header;
        do
        {
            header = connection.ReceiveHeader("an answer", Handshake.MaxAbortBytes);
        }
        while (header.Type == MessageType.Heartbeat);
        return header;
    }
}
