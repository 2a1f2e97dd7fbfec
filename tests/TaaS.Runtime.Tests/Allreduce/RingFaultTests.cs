using System.Diagnostics;
using System.Net.Sockets;
using TaaS.Runtime.Allreduce;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Allreduce;

/// <summary>What happens in a ring when a worker dies or lies. Lost otherwise: an evening of waiting for a job that hangs.</summary>
public sealed class RingFaultTests
{
    private static readonly TransportOptions Short = StoreRig.Quick with { Connect = TimeSpan.FromSeconds(1) };

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Worker_DiesInTheMiddleOfABucket_EndsAllWithItsName(int workers)
    {
        using var rig = new RingRig(workers);
        var all = rig.JoinAll();
        var watch = new Stopwatch();
        var errors = await RingRig.RunAsync(all, (at, worker) =>
        {
            if (worker == 0)
            {
                at.Store.Initialize(rig.RandomState(1));
            }

            var first = at.Store.Pull()!.Value;
            if (worker == 1)
            {
                RingRig.Train(at, worker, first, 3);
                at.FillGradients(new Random(1));
                at.Store.Begin(3, at.Gradients);
                at.Store.Push(StoreRig.Model.Length - 1);
                at.Store.Push(StoreRig.Model.Length - 2);
                watch.Start();
                at.Store.Dispose();
                return "";
            }

            return Assert.Throws<TrainingException>(() => RingRig.Train(at, worker, first, 1000)).Message;
        });

        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"{watch.Elapsed}");
        Assert.All(errors.Where((_, worker) => worker != 1), error => Assert.Contains("worker 1", error, StringComparison.Ordinal));
        Assert.All(errors, error => Assert.DoesNotContain('\n', error));
    }

    [Fact]
    public async Task Neighbour_SlowButAlive_IsWaitedFor()
    {
        var options = StoreRig.Quick with { Silence = TimeSpan.FromMilliseconds(500), Heartbeat = TimeSpan.FromMilliseconds(50) };
        using var rig = new RingRig(3);
        using var late = new ManualResetEventSlim();
        var results = await RingRig.RunAsync(rig.JoinAll(options), (at, worker) =>
        {
            if (worker == 0)
            {
                at.Store.Initialize(rig.RandomState(1));
            }

            RingRig.Train(at, worker, at.Store.Pull()!.Value, 2);
            if (worker == 2)
            {
                late.Wait(TimeSpan.FromMilliseconds(1500));
            }

            return RingRig.Train(at, worker, 2, 4);
        });

        Assert.Equal(results[0], results[1]);
        Assert.Equal(results[0], results[2]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Wait_ThatRunsOut_NamesTheWorkerThatIsLate(int late)
    {
        var options = StoreRig.Quick with { Barrier = TimeSpan.FromMilliseconds(800) };
        using var rig = new RingRig(4);
        using var done = new CountdownEvent(3);
        var errors = await RingRig.RunAsync(rig.JoinAll(options), (at, worker) =>
        {
            if (worker == 0)
            {
                at.Store.Initialize(rig.RandomState(1));
            }

            RingRig.Train(at, worker, at.Store.Pull()!.Value, 2);
            if (worker == late)
            {
                done.Wait(TimeSpan.FromSeconds(20));
                return "";
            }

            var error = Assert.Throws<TrainingException>(() => RingRig.Train(at, worker, 2, 3));
            done.Signal();
            return error.Message;
        });

        Assert.All(errors.Where((_, worker) => worker != late), error => Assert.Matches($"^worker . waited 0.8 s for worker {late} .* in step 2$", error));
    }

    [Fact]
    public async Task Secret_Wrong_BothSidesSaySo()
    {
        using var rig = new RingRig(2);
        var errors = await RingRig.RunAsync([rig.Join(0, Short), rig.Join(1, Short with { Secret = "guess" })], (at, _) => Assert.Throws<TrainingException>(() => at.Store.Pull()).Message);

        Assert.All(errors, error => Assert.Contains("secret", error, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Job_Different_IsRefusedWithBothSides()
    {
        using var rig = new RingRig(2);
        var errors = await RingRig.RunAsync([rig.Join(0, Short), rig.Join(1, Short, rig.Optimizer with { LearningRate = 9 })], (at, _) => Assert.Throws<TrainingException>(() => at.Store.Pull()).Message);

        Assert.Contains(errors, error => error.Contains("rate 0.1 ", StringComparison.Ordinal) && error.Contains("rate 9 ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Worker_OutOfPlace_IsTold()
    {
        using var rig = new RingRig(3);
        var muddled = new[] { rig.Addresses[0], rig.Addresses[2], rig.Addresses[1] };
        var workers = new[] { rig.Join(0, Short), rig.Join(1, Short), rig.Join(2, Short, addresses: [.. muddled[..2], $"{rig.Addresses[2]}-mine"]) };

        var errors = await RingRig.RunAsync(workers[..2], (at, _) => Assert.Throws<TrainingException>(() => at.Store.Pull()).Message);

        Assert.Contains(errors, error => error.Contains("worker 2", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Index_TwiceInTheRing_TheSecondIsRefusedAndTheFirstGoesOn()
    {
        using var rig = new RingRig(2);
        var workers = rig.JoinAll();
        await RingRig.RunAsync(workers, (at, worker) =>
        {
            if (worker == 0)
            {
                at.Store.Initialize(rig.RandomState(1));
            }

            return RingRig.Train(at, worker, at.Store.Pull()!.Value, 2);
        });
        var twin = rig.Join(1, Short, addresses: [rig.Addresses[0], $"{rig.Addresses[1]}-twin"]);

        var error = Assert.Throws<TrainingException>(() => twin.Store.Pull());

        Assert.Contains("worker 1 is in the ring already; start one process for each index", error.Message, StringComparison.Ordinal);
        var results = await RingRig.RunAsync(workers, (at, worker) => RingRig.Train(at, worker, 2, 5));
        Assert.Equal(results[0], results[1]);
    }

    [Fact]
    public void Address_OfThisWorkerTaken_IsNamed()
    {
        using var rig = new RingRig(2, tcp: true);
        rig.Join(0);

        var error = Assert.Throws<TransportException>(() => rig.Join(0));

        Assert.Contains($"cannot listen on {rig.Addresses[0]}: it is in use", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbours_WhoNeverCome_AreNamedWithinTheLimit()
    {
        using var rig = new RingRig(3);
        var at = rig.Join(1, Short);

        var error = Assert.Throws<TrainingException>(() => at.Store.Pull());

        Assert.Matches("^worker [02] .* within 1 s", error.Message);
    }

    [Theory]
    [InlineData(MessageType.RingSum, 0, 0, 1, 8, "in 8 bytes where")]
    [InlineData(MessageType.RingSum, 99, 1, 1, 8, "buckets in 2 chunks")]
    [InlineData(MessageType.RingSum, -1, 1, 1, 0, "buckets in 2 chunks")]
    [InlineData(MessageType.RingSum, 0, 7, 1, 0, "buckets in 2 chunks")]
    [InlineData(MessageType.RingSum, 0, 0, 2, 0, "with 2 gradients")]
    [InlineData(MessageType.RingSum, 0, 1, 1, 0, "while step 0 is under way")]
    [InlineData(MessageType.RingValues, 0, 0, 0, 0, "while step 0 is under way")]
    [InlineData(MessageType.RingBegin, -1, 0, 0, 0, "while step 0 is under way")]
    [InlineData(MessageType.RingInitialize, 0, 0, 0, 0, "while step 0 is under way")]
    [InlineData(MessageType.RingState, 0, 0, 1, 0, "which nobody asked for")]
    [InlineData(MessageType.RingLeave, -1, 0, 0, 0, "of worker -1")]
    [InlineData(MessageType.Push, 0, 0, 0, 0, "while step 0 is under way")]
    internal void Neighbour_SendsWhatHasNoPlace_IsRefusedByName(MessageType type, int bucket, int chunk, int part, int length, string message)
    {
        using var rig = new RingRig(2);
        using var hostile = new HostileNeighbour(rig, worker: 1);
        var at = rig.Join(0);
        hostile.Accept();
        at.Store.Initialize(rig.RandomState(1));
        at.Store.Pull();
        hostile.Connect();
        hostile.Send(new FrameHeader(type) { Slice = bucket, Request = (uint)chunk, Part = (ushort)part }, new byte[length]);

        var error = Assert.Throws<TrainingException>(() => at.Exchange(0));

        Assert.StartsWith("worker 1 (", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Neighbour_SendsRandomBytes_CountsAsLostAndNothingHangs()
    {
        for (var seed = 0; seed < 3; seed++)
        {
            using var rig = new RingRig(2);
            using var hostile = new HostileNeighbour(rig, worker: 1);
            var at = rig.Join(0);
            hostile.Accept();
            at.Store.Initialize(rig.RandomState(1));
            at.Store.Pull();
            hostile.Connect();
            var random = new Random(seed);
            var bytes = new byte[200];
            random.NextBytes(bytes);
            hostile.SendRaw(bytes);

            Assert.Null(at.Store.Exchange(0, at.Gradients));
            hostile.Dispose();

            // Training goes back, but nobody takes the lost worker's place.
            var error = Assert.Throws<TrainingException>(() =>
            {
                at.Store.Initialize(rig.RandomState(1));
                at.Store.Pull();
                at.Exchange(0);
            });
            Assert.StartsWith("worker 1 was lost (worker 1 ", error.Message, StringComparison.Ordinal);
            Assert.Matches("; then worker 1 .* within 0.5 s", error.Message);
        }
    }

    /// <summary>A worker that knows the secret and then says what it likes.</summary>
    private sealed class HostileNeighbour : IDisposable
    {
        private readonly RingRig _rig;
        private readonly int _worker;
        private readonly Socket _listener;
        private readonly Socket _toNext = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        private FrameConnection? _incoming;
        private FrameConnection? _outgoing;

        public HostileNeighbour(RingRig rig, int worker)
        {
            (_rig, _worker) = (rig, worker);
            _listener = SocketParameterServer.Listen(rig.Addresses[worker]);
        }

        public void Accept()
        {
            _incoming = new FrameConnection(_listener.Accept(), "the honest one", TimeSpan.FromSeconds(10));
            Handshake.Admit(_incoming, StoreRig.Quick.Secret, 2, Signature(_worker), out _);
            _incoming.Send(new FrameHeader(MessageType.Done));
        }

        public void Connect()
        {
            _toNext.Connect(TransportAddress.ToConnect(_rig.Addresses[0]));
            _outgoing = new FrameConnection(_toNext, "the honest one", TimeSpan.FromSeconds(10));
            Handshake.Greet(_outgoing, StoreRig.Quick.Secret, _worker, incarnation: 1, Signature(0));
            _outgoing.ReceivePayload(_outgoing.ReceiveHeader("a place", 100), default);
        }

        public void Send(FrameHeader header, ReadOnlySpan<byte> payload) => _outgoing!.Send(header, payload);

        public void SendRaw(ReadOnlySpan<byte> bytes) => _toNext.Send(bytes);

        public void Dispose()
        {
            _incoming?.Dispose();
            _outgoing?.Dispose();
            _toNext.Dispose();
            _listener.Dispose();
        }

        private string Signature(int to) => RingLink.SignatureOf(to, RingParameterStore.JobOf(2, _rig.Layout, _rig.Optimizer));
    }
}
