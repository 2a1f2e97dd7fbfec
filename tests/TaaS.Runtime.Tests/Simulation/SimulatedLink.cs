using System.Runtime.InteropServices;
using TaaS.Kernels;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Tests.Simulation;

/// <summary>A worker's line to one server: the product's exchange over simulated connections, made anew when they break.</summary>
internal sealed class SimulatedLink : IServerLink
{
    private readonly SimulatedCluster _cluster;
    private readonly SimulatedServer _server;
    private readonly SimulatedWorker _worker;
    private readonly LinkExchange _exchange = new();
    private readonly ExchangeRounds _rounds;
    private readonly Dictionary<int, byte[]> _staged = [];
    private SimulatedConnection? _connection;

    public SimulatedLink(SimulatedCluster cluster, SimulatedServer server, SimulatedWorker worker, ExchangeRounds rounds)
    {
        (_cluster, _server, _worker, _rounds) = (cluster, server, worker, rounds);
        Connect();
    }

    public void Begin(LinkRequest[] requests, long step, uint generation, bool isHeld)
    {
        _staged.Clear();
        _exchange.Begin(requests, step, generation, isHeld);
        Pump();
    }

    public void Release(int request)
    {
        _exchange.Release(request);
        Pump();
    }

    public void ReleaseAll()
    {
        _exchange.ReleaseAll();
        Pump();
    }

    public LinkOutcome Wait(string waitingFor)
    {
        _worker.WaitUntil(() => _exchange.IsDone || _rounds.IsOver, $"{waitingFor} of server {_server.Shard.Server}");
        foreach (var (request, content) in _staged)
        {
            Assert.True(_exchange.TakeStaged(request));
            content.CopyTo(Bytes(_exchange[request].Incoming));
        }

        _staged.Clear();
        return _exchange.Outcome with { WentBack = _exchange.Outcome.WentBack || _rounds.IsOver };
    }

    /// <summary>An answer arrives.</summary>
    public void Take(FrameHeader header, byte[] content)
    {
        var request = _worker.IsAlive ? _exchange.Match(header, "the server") : -1;
        if (request < 0)
        {
            return;
        }

        var isStaged = header.Type == MessageType.Parameters && !_exchange.MayDeliver;
        if (isStaged)
        {
            _staged[request] = content;
        }
        else
        {
            content.CopyTo(Bytes(_exchange[request].Incoming));
        }

        _exchange.Take(request, header, isStaged);
        if (header.Type == MessageType.WentBack)
        {
            _rounds.GoBack(_rounds.Current);
        }

        _worker.Poke();
    }

    /// <summary>The connection broke, and this side has noticed.</summary>
    public void Lost(SimulatedConnection connection)
    {
        if (_connection == connection && _worker.IsAlive)
        {
            Connect();
        }
    }

    public void Dispose() => _connection?.Break();

    private void Connect()
    {
        _connection = null;
        _cluster.Clock.After(_cluster.Network.Delay(), () =>
        {
            if (!_worker.IsAlive)
            {
                return;
            }

            if (!_server.IsUp)
            {
                Connect();
                return;
            }

            _connection = new SimulatedConnection(_cluster, _server, this, _worker.Index);
            _rounds.Reached(_server.Accept(_connection));
            _exchange.AskAgain();
            Pump();
            _worker.Poke();
        });
    }

    private void Pump()
    {
        while (_connection is { } connection && _exchange.HasNext())
        {
            var header = _exchange.Next(_worker.Index, out var request);
            connection.ToServer(header, Bytes(request.Outgoing).ToArray());
        }
    }

    private static Span<byte> Bytes(View view) => view.Elements == 0 ? default : MemoryMarshal.AsBytes(view.Floats);
}
