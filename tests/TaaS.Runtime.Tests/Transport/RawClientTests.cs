using System.Runtime.InteropServices;
using System.Text;
using TaaS.Kernels.Reference;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>A client that knows nothing but the protocol's document. Lost otherwise: a document by which nobody can write a client.</summary>
public sealed class RawClientTests
{
    private const uint Generation = 77;

    // 100 elements cut at 64, as the document says, and a bias.
    private const string Model = """{"Parameters":[{"Name":"w","Shape":[10,10]},{"Name":"b","Shape":[3]}],"Servers":1,"MaxSliceElements":64,"PlannedUpdates":5}""";
    private const string Signature = "ps 0; sync, 1 workers; sgd rate 0.5 constant 0 momentum 0 nesterov False decay 0 betas 0.9 0.999 alpha 0.99 epsilon 1E-08";

    private static readonly int[] Lengths = [64, 36, 3];

    [Fact]
    public void Client_WrittenFromTheDocument_Trains()
    {
        var optimizer = new OptimizerSettings { Name = "sgd", LearningRate = 0.5f };
        using var server = new SocketParameterServer("127.0.0.1:0", new ParameterShard(ReferenceDevice.Instance, optimizer, new UpdatePolicy(0, 1), 0), StoreRig.Quick);
        using var client = RawPeer.Connect(server.Address);
        client.Greet("test", 0, 42, Signature);

        Ask(client, RawPeer.Frame(RawPeer.Register, Encoding.UTF8.GetBytes(Model), request: 1, worker: 0), RawPeer.Done);
        for (var slice = 0; slice < Lengths.Length; slice++)
        {
            Ask(client, RawPeer.Frame(RawPeer.Initialize, Bytes(slice, Value), request: 2, generation: Generation, worker: 0, slice: slice), RawPeer.Done);
        }

        Ask(client, RawPeer.Frame(RawPeer.InitializeDone, request: 3, generation: Generation, step: 10, worker: 0), RawPeer.Done);
        for (var slice = 0; slice < Lengths.Length; slice++)
        {
            var pulled = Ask(client, RawPeer.Frame(RawPeer.Pull, request: 4, worker: 0, slice: slice), RawPeer.Parameters);
            Assert.Equal((Generation, 10L, 0, slice), (pulled.Generation, pulled.Step, pulled.Worker, pulled.Slice));
            Assert.Equal(Bytes(slice, Value), pulled.Payload);
        }

        // All questions first, then all answers: they come in the order of the questions.
        for (var slice = 0; slice < Lengths.Length; slice++)
        {
            client.Send(RawPeer.Frame(RawPeer.Push, Bytes(slice, Gradient), request: 5 + (uint)slice, generation: Generation, step: 10, worker: 0, slice: slice));
        }

        for (var slice = 0; slice < Lengths.Length; slice++)
        {
            var fresh = client.Receive();
            Assert.Equal((RawPeer.Parameters, 5 + (uint)slice, 11L, slice), (fresh.Type, fresh.Request, fresh.Step, fresh.Slice));
            Assert.Equal(Bytes(slice, (at, element) => Value(at, element) - 0.5f * Gradient(at, element)), fresh.Payload);
        }

        // A push sent again is not applied again.
        client.Send(RawPeer.Frame(RawPeer.Push, Bytes(2, Gradient), request: 8, generation: Generation, step: 10, worker: 0, slice: 2));
        Assert.Equal(Bytes(2, (at, element) => Value(at, element) - 0.5f * Gradient(at, element)), client.Receive().Payload);
        Ask(client, RawPeer.Frame(RawPeer.Push, Bytes(2, Gradient), request: 9, generation: Generation + 1, step: 11, worker: 0, slice: 2), RawPeer.WentBack);
        Ask(client, RawPeer.Frame(RawPeer.Leave, request: 10, worker: 0), RawPeer.Done);
    }

    private static RawFrame Ask(RawPeer client, byte[] question, ushort expected)
    {
        client.Send(question);
        var answer = client.Receive();
        Assert.Equal(expected, answer.Type);
        Assert.Equal(BitConverter.ToUInt32(question, 8), answer.Request);
        return answer;
    }

    private static float Value(int slice, int element) => slice + element * 0.25f;

    private static float Gradient(int slice, int element) => element - slice * 8;

    private static byte[] Bytes(int slice, Func<int, int, float> make) =>
        MemoryMarshal.AsBytes(Enumerable.Range(0, Lengths[slice]).Select(element => make(slice, element)).ToArray().AsSpan()).ToArray();
}
