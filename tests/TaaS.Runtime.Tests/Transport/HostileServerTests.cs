using System.Runtime.InteropServices;
using CsCheck;
using TaaS.Kernels;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>A worker whose server lies. Lost otherwise: a model of noise that nobody notices, or a worker that hangs or falls over without a word.</summary>
[Collection(Alone)]
[CollectionDefinition(Alone, DisableParallelization = true)]
public sealed class HostileServerTests
{
    // Many of its threads wait, which others of the pool would have to wait for.
    private const string Alone = "hostile servers";

    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    private static readonly TransportOptions Patient = SmallServer.Options with { Connect = TimeSpan.Zero, Reconnect = TimeSpan.Zero, Barrier = TimeSpan.FromSeconds(5), Handshake = TimeSpan.FromSeconds(5) };

    // A server that takes every connection and breaks it again would be asked anew for as long as the barrier allows.
    private static readonly TransportOptions Impatient = Patient with { Handshake = TimeSpan.FromSeconds(1), Silence = TimeSpan.FromMilliseconds(200), Barrier = TimeSpan.FromMilliseconds(100) };

    [Fact]
    public void Answers_Damaged_NeverBecomeParameters() =>
        Gen.Select(Gen.Int[0, 4], HostileFrames.Damage).Sample(
            (stage, damage) =>
            {
                using var server = new HostileServer(peer => Serve(peer, (at, bytes) => at == stage ? damage(bytes) : bytes));
                var values = SmallServer.Memory();

                if (Pull(server.Address, values, Impatient) is { } error)
                {
                    IsOneLine(error);
                }
                else
                {
                    // The damage was behind all that was asked for.
                    Assert.Equal(Value(4), values[0].Floats.ToArray());
                    Assert.Equal(Value(2), values[1].Floats.ToArray());
                }
            },
            iter: 160,
            threads: 8);

    [Fact]
    public void Answers_OfAnyContent_EndInOneLineOrParameters() =>
        HostileFrames.Frame(4, 5, 7, 12, 19, 20).Array[1, 5].Sample(
            frames =>
            {
                using var server = new HostileServer(peer => Serve(peer, (at, bytes) => at == 4 ? [.. frames.SelectMany(frame => frame)] : bytes));

                if (Pull(server.Address, SmallServer.Memory(), Impatient) is { } error)
                {
                    IsOneLine(error);
                }
            },
            iter: 120,
            threads: 8);

    [Fact]
    public void Server_DoesNotKnowTheSecret_IsNotBelieved()
    {
        using var server = new HostileServer(peer => peer.Admit("guess", 0));

        Assert.EndsWith("does not know the secret of this job; check TAAS_SECRET and the address", Pull(server.Address, SmallServer.Memory()), StringComparison.Ordinal);
    }

    [Fact]
    public void Server_WithoutTheSecret_LearnsNothingOfTheJob()
    {
        var heard = new List<byte>();
        using (var server = new HostileServer(peer =>
        {
            peer.TrySend(RawPeer.Frame(RawPeer.Challenge, new byte[32]));
            heard.AddRange(peer.Receive().Payload);
            peer.TrySend(RawPeer.Frame(RawPeer.Welcome, new byte[32], worker: 0));
            heard.AddRange(peer.ReceiveToEnd());
        }))
        {
            Assert.NotNull(Pull(server.Address, SmallServer.Memory()));
        }

        Assert.All(SmallServer.Secrets(), secret => Assert.Equal(-1, heard.ToArray().AsSpan().IndexOf(secret)));
    }

    [Fact]
    public void Server_SpeaksAnotherProtocol_IsNamed()
    {
        using var server = new HostileServer(peer => peer.Send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8));

        Assert.Contains("does not speak this protocol: a frame starts with 0x50545448", Pull(server.Address, SmallServer.Memory()), StringComparison.Ordinal);
    }

    [Fact]
    public void Server_SpeaksAByteAtATime_IsGivenUpWithinTheLimit()
    {
        using var server = new HostileServer(peer =>
        {
            var challenge = RawPeer.Frame(RawPeer.Challenge, new byte[32]);
            for (var at = 0; at < challenge.Length && peer.TrySend(challenge.AsSpan(at, 1)); at++)
            {
                using var pause = new ManualResetEventSlim();
                pause.Wait(TimeSpan.FromMilliseconds(50));
            }
        });

        Assert.Contains("did not prove itself within 1 s", Pull(server.Address, SmallServer.Memory(), Patient with { Handshake = TimeSpan.FromSeconds(1) }), StringComparison.Ordinal);
    }

    // Speaks as a server does; each stage of what it says passes through the attacker.
    private static void Serve(RawPeer peer, Func<int, byte[], byte[]> say)
    {
        peer.AdmitBy(SmallServer.Secret, 0, say);
        peer.Receive();
        peer.TrySend(say(3, RawPeer.Frame(RawPeer.Done, worker: 0)));
        var first = peer.Receive();
        var second = peer.Receive();
        peer.TrySend(say(4, [.. Answer(first), .. Answer(second)]));
        peer.FinishSending();
        peer.ReceiveToEnd();
    }

    private static byte[] Answer(RawFrame question) =>
        RawPeer.Frame(RawPeer.Parameters, MemoryMarshal.AsBytes(Value(question.Slice == 0 ? 4 : 2).AsSpan()), request: question.Request, generation: 1, worker: 0, slice: question.Slice);

    private static float[] Value(int elements) => [.. Enumerable.Range(1, elements).Select(element => element * 0.5f)];

    private static string? Pull(string address, View[] values, TransportOptions? options = null)
    {
        string? message = null;
        var pulling = new Thread(() =>
        {
            try
            {
                using var store = new SocketParameterStore([address], 0, SmallServer.Layout, values, SmallServer.Optimizer, SmallServer.Policy, options ?? Patient);
                store.Pull();
            }
            catch (TrainingException error)
            {
                message = error.Message;
            }
        });
        pulling.Start();
        Assert.True(pulling.Join(Limit), "the worker hangs");
        return message;
    }

    private static void IsOneLine(string error)
    {
        Assert.Contains("ps-0 (127.0.0.1:", error, StringComparison.Ordinal);
        Assert.DoesNotContain(error, char.IsControl);
    }
}
