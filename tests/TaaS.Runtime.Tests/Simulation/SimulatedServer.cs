using TaaS.Kernels.Reference;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Simulation;

/// <summary>A server's process: the product's shard and dialogs, fed by simulated connections. A kill takes all memory with it.</summary>
internal sealed class SimulatedServer(SimulatedCluster cluster, int index)
{
    private readonly List<SimulatedConnection> _connections = [];

    public ParameterShard Shard { get; private set; } = NewShard(cluster, index);

    public bool IsUp { get; private set; } = true;

    /// <summary>A worker connects.</summary>
    /// <returns>Generation that this server is in; 0 for none.</returns>
    public uint Accept(SimulatedConnection connection)
    {
        // A worker that comes back takes the place of its old session.
        foreach (var old in _connections.Where(other => other.Worker == connection.Worker).ToArray())
        {
            old.Break();
            _connections.Remove(old);
        }

        Shard.Register(cluster.Layout);
        connection.Dialog = new WorkerDialog(connection.Worker, Shard);
        var layout = cluster.Layout.ToJson();
        var registered = connection.Dialog.Take(new FrameHeader(MessageType.Register) { Length = layout.Length }, new SimulatedPayload(layout));
        connection.Answers.Reserve(3 * cluster.Layout.Slices.Count + 64);
        _connections.Add(connection);
        return registered!.Value.Header.Generation;
    }

    /// <summary>A frame arrives.</summary>
    public void Take(SimulatedConnection connection, FrameHeader header, byte[] content)
    {
        if (connection.Dialog!.Take(header with { Length = content.Length }, new SimulatedPayload(content)) is { } answer)
        {
            cluster.Observe(header);
            Assert.True(connection.Answers.TryAdd(answer), "a worker is owed more answers than a server keeps");
            if (header.Type == MessageType.Leave)
            {
                connection.Dialog.Leave();
            }
        }

        AnswerAll();
    }

    /// <summary>Gives every answer that can be given, each worker's in order.</summary>
    public void AnswerAll()
    {
        foreach (var connection in _connections.ToArray())
        {
            while (connection.IsOpen && (connection.Owed ??= connection.Answers.Count > 0 ? connection.Answers.Take() : null) is { } owed && TryAnswer(connection, owed))
            {
                connection.Owed = null;
            }
        }
    }

    public void Kill()
    {
        IsUp = false;
        foreach (var connection in _connections)
        {
            connection.Break();
        }

        _connections.Clear();
    }

    public void Restart()
    {
        Shard = NewShard(cluster, index);
        IsUp = true;
    }

    private static bool TryAnswer(SimulatedConnection connection, Answer answer)
    {
        var dialog = connection.Dialog!;
        switch (dialog.Wait(answer, TimeSpan.Zero))
        {
            case ReadStatus.Waiting:
                return false;
            case ReadStatus.WentBack:
                connection.ToWorker(dialog.WentBack(answer), []);
                return true;
            default:
                Assert.True(dialog.TryMake(answer, out var header, out var content), "nothing changes between a wait and an answer in a simulation");
                connection.ToWorker(header, content.ToArray());
                return true;
        }
    }

    private static ParameterShard NewShard(SimulatedCluster cluster, int index) =>
        new(ReferenceDevice.Instance, cluster.Optimizer, cluster.Policy, index);

    private sealed class SimulatedPayload(byte[] content) : IPayload
    {
        public void Receive(FrameHeader header, Span<byte> into)
        {
            Assert.Equal(content.Length, into.Length);
            content.CopyTo(into);
        }

        public void Skip(FrameHeader header)
        {
        }
    }
}
