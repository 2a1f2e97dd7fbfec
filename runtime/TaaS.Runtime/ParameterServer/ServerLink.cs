using System.Runtime.InteropServices;
using TaaS.Kernels;
using TaaS.Runtime.Compression;
using TaaS.Runtime.Observability;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>
/// A worker's line to one server. One thread sends questions and beats the heart, another takes answers, so a push goes out while
/// fresh parameters come in. A broken line is made anew and unanswered questions are asked again; the server drops what it has seen.
/// </summary>
internal sealed partial class ServerLink : IServerLink
{
    // A question up to this size is sent by the thread that waits for its answer: to wake the sender would take longer than to send it.
    private const int SmallQuestionElements = 16 * 1024;

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly ServerDialer _dialer;
    private readonly int _worker;
    private readonly TransportOptions _options;
    private readonly GradientEncoder? _encoder;
    private readonly WorkerMetrics? _metrics;
    private readonly object _gate = new();
    private readonly LinkExchange _exchange = new();
    private readonly ExchangeRounds _rounds;
    private readonly Thread _sender;

    private FrameConnection? _connection;
    private Thread? _receiver;
    private LinkRequest[] _stagingOf = [];
    private byte[][] _staging = [];
    private string _lastError = "it never answered";
    private TrainingException? _failure;
    private long _bytesPushed;
    private long _bytesPulled;
    private bool _isSending;
    private bool _waitsForSender;
    private bool _wasConnected;
    private volatile bool _disposed;

    /// <summary>Starts to connect in the background.</summary>
    /// <param name="dialer">Makes connections.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="rounds">Exchanges with all servers.</param>
    /// <param name="options">Limits.</param>
    /// <param name="encoder">Compresses pushes, or null.</param>
    /// <param name="metrics">Where what happens is counted, or null.</param>
    public ServerLink(ServerDialer dialer, int worker, ExchangeRounds rounds, TransportOptions options, GradientEncoder? encoder, WorkerMetrics? metrics)
    {
        (_dialer, _worker, _rounds, _options, _encoder, _metrics) = (dialer, worker, rounds, options, encoder, metrics);
        rounds.Add(Wake);
        _sender = new Thread(Send) { IsBackground = true, Name = $"to {dialer.Peer}" };
        _sender.Start();
    }

    /// <summary>Name and address.</summary>
    public string Name => _dialer.Peer;

    /// <inheritdoc/>
    public StoreTraffic Traffic => new(Interlocked.Read(ref _bytesPushed), Interlocked.Read(ref _bytesPulled));

    /// <inheritdoc/>
    public void Begin(LinkRequest[] requests, long step, uint generation, bool isHeld)
    {
        lock (_gate)
        {
            // Of an exchange that was given up, content may still be on its way out.
            _waitsForSender = true;
            while (_isSending && _failure is null)
            {
                Monitor.Wait(_gate);
            }

            _waitsForSender = false;

            if (isHeld && !ReferenceEquals(_stagingOf, requests))
            {
                _stagingOf = requests;
                _staging = [.. requests.Select(request => GC.AllocateUninitializedArray<byte>((int)request.Incoming.Elements * sizeof(float), pinned: true))];
            }

            _exchange.Begin(requests, step, generation, isHeld);
            if (!isHeld)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    /// <inheritdoc/>
    public void Release(int request)
    {
        lock (_gate)
        {
            _exchange.Release(request);
            Monitor.PulseAll(_gate);
        }
    }

    /// <inheritdoc/>
    public void ReleaseAll()
    {
        lock (_gate)
        {
            _exchange.ReleaseAll();
        }

        while (TrySendSmall())
        {
        }
    }

    /// <inheritdoc/>
    public LinkOutcome Wait(string waitingFor)
    {
        // The server itself ends a wait for other workers; this limit is for a server that beats its heart and does nothing.
        var deadline = Environment.TickCount64 + (long)(_options.Barrier + _options.Silence).TotalMilliseconds;
        DeliverStaged();
        LinkOutcome outcome;
        lock (_gate)
        {
            while (!_exchange.IsDone && !_rounds.IsOver)
            {
                if (_failure is not null)
                {
                    throw new TrainingException(_failure.Message, _failure);
                }

                var left = deadline - Environment.TickCount64;
                if (left <= 0)
                {
                    throw new TrainingException($"worker {_worker} waited {(_options.Barrier + _options.Silence).TotalSeconds:0} s for {Name}: {waitingFor}");
                }

                Monitor.Wait(_gate, (int)left);
            }

            outcome = _exchange.Outcome with { WentBack = _exchange.Outcome.WentBack || _rounds.IsOver };
        }

        // An answer that was on its way at the time of ReleaseAll.
        DeliverStaged();
        return outcome;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FrameConnection? connection;
        lock (_gate)
        {
            _disposed = true;
            connection = _connection;
            Monitor.PulseAll(_gate);
        }

        connection?.Dispose();
        _sender.Join();
    }

    private void DeliverStaged()
    {
        for (var request = 0; request < _exchange.Count; request++)
        {
            lock (_gate)
            {
                if (!_exchange.TakeStaged(request))
                {
                    continue;
                }
            }

            // Without the gate: other answers come in meanwhile.
            _staging[request].CopyTo(Bytes(_exchange[request].Incoming));
        }
    }

    private void Send()
    {
        try
        {
            while (!_disposed)
            {
                var connection = _connection ?? Connect();
                try
                {
                    SendNext(connection);
                }
                catch (TransportException error)
                {
                    Break(connection, error);
                }
            }
        }
        catch (TrainingException error)
        {
            Fail(error);
        }
        finally
        {
            _connection?.Dispose();
            _receiver?.Join();
        }
    }

    private void SendNext(FrameConnection connection)
    {
        var header = new FrameHeader(MessageType.Heartbeat) { Worker = _worker };
        LinkRequest request = default;
        lock (_gate)
        {
            if (!_exchange.HasNext() && !_disposed && Monitor.Wait(_gate, _options.Heartbeat) && !_exchange.HasNext())
            {
                return;
            }

            if (_connection != connection)
            {
                return;
            }

            if (_exchange.HasNext())
            {
                header = _exchange.Next(_worker, out request);
                _isSending = true;
            }
        }

        try
        {
            Transmit(connection, header, request);
        }
        finally
        {
            lock (_gate)
            {
                _isSending = false;
                if (_waitsForSender)
                {
                    Monitor.PulseAll(_gate);
                }
            }
        }
    }

    private void Transmit(FrameConnection connection, FrameHeader header, LinkRequest request)
    {
        if (header.Type == MessageType.Push)
        {
            SendPush(connection, header, request.Outgoing);
        }
        else
        {
            connection.Send(header, Bytes(request.Outgoing));
            _metrics?.Sent(FrameHeader.Bytes + request.Outgoing.Elements * sizeof(float));
        }
    }

    private void SendPush(FrameConnection connection, FrameHeader header, View gradient)
    {
        var payload = _encoder is null ? Bytes(gradient) : _encoder.Encode(header.Slice, header.Generation, header.Step, gradient.Floats);
        connection.Send(header with { Codec = _encoder?.Codec ?? 0 }, payload);
        Interlocked.Add(ref _bytesPushed, payload.Length);
        _metrics?.Sent(FrameHeader.Bytes + payload.Length);
    }

    // False once the rest is the sender's: it is large, or the sender is at it, or there is no connection. So is what is compressed, in one memory.
    private bool TrySendSmall()
    {
        FrameConnection? connection;
        FrameHeader header;
        LinkRequest request;
        lock (_gate)
        {
            connection = _connection;
            if (!_exchange.HasNext())
            {
                return false;
            }

            if (connection is null || _encoder is not null || _isSending || _exchange.NextElements > SmallQuestionElements)
            {
                Monitor.PulseAll(_gate);
                return false;
            }

            header = _exchange.Next(_worker, out request);
        }

        try
        {
            Transmit(connection, header, request);
        }
        catch (TransportException error)
        {
            Break(connection, error);
        }

        return true;
    }

    private void Wake()
    {
        lock (_gate)
        {
            Monitor.PulseAll(_gate);
        }
    }

    private static Span<byte> Bytes(View view) => view.Elements == 0 ? default : MemoryMarshal.AsBytes(view.Floats);
}
