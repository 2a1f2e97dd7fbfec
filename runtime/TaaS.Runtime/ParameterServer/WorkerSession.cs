using TaaS.Kernels;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>The server's side of one worker's connection: one thread takes what comes, another answers in the same order.</summary>
internal sealed class WorkerSession : IDisposable
{
    private const int MaxRegisterBytes = 4 * 1024 * 1024;
    private const int MaxPayloadBytes = ParameterLayout.MaxFrameElements * sizeof(float);

    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private readonly FrameConnection _connection;
    private readonly int _worker;
    private readonly ParameterShard _shard;
    private readonly TransportOptions _options;
    private readonly ManualResetEventSlim _finished = new();
    private readonly Thread _writer;
    private readonly object _gate = new();
    private FrameHeader[] _answers = new FrameHeader[64];
    private HostBuffer? _staging;
    private int _first;
    private int _count;
    private volatile bool _closing;
    private string? _broken;

    public WorkerSession(FrameConnection connection, int worker, ParameterShard shard, TransportOptions options)
    {
        (_connection, _worker, _shard, _options) = (connection, worker, shard, options);
        _writer = new Thread(Answer) { IsBackground = true, Name = $"ps answers to worker {worker}" };
    }

    /// <summary>Serves until the worker leaves or the connection breaks.</summary>
    /// <returns>Why it ended.</returns>
    public string Run()
    {
        _writer.Start();
        try
        {
            while (!_closing && Take())
            {
            }

            Close("it left");
        }
        catch (TransportException error)
        {
            Close(error.Message);
        }
        catch (TrainingException error)
        {
            // The worker asked for something impossible: it is told, and its training is over.
            TryAbort(error.Message);
            Close(error.Message);
        }

        Drain();
        _writer.Join();
        _connection.Dispose();
        _finished.Set();
        return _broken!;
    }

    /// <summary>Tells the worker no, without serving it.</summary>
    public void Refuse(string reason)
    {
        TryAbort(reason);
        Drain();
        _finished.Set();
    }

    /// <summary>Waits until both threads are done with the connection.</summary>
    public bool WaitFinished(TimeSpan limit) => _finished.Wait(limit);

    /// <inheritdoc/>
    public void Dispose() => _connection.Dispose();

    private bool Take()
    {
        var header = _connection.ReceiveHeader("a gradient", MaxPayloadBytes);
        switch (header.Type)
        {
            case MessageType.Heartbeat:
                _connection.ReceivePayload(header, default);
                return true;
            case MessageType.Register:
                Register(header);
                return true;
            case MessageType.Initialize:
                RequireChief(header);
                _connection.ReceivePayload(header, _shard.BeginInitialize(header.Slice, header.Part, header.Step));
                Post(header with { Type = MessageType.Done });
                return true;
            case MessageType.InitializeDone:
                RequireChief(header);
                _connection.ReceivePayload(header, default);
                _shard.CompleteInitialization(header.Step);
                Post(header with { Type = MessageType.Done });
                return true;
            case MessageType.Push:
                TakePush(header);
                return true;
            case MessageType.Pull:
                _connection.ReceivePayload(header, default);
                Post(header with { Type = MessageType.Parameters });
                return true;
            case MessageType.Leave:
                _connection.ReceivePayload(header, default);
                Post(header with { Type = MessageType.Done });
                _shard.Leave(_worker);
                return false;
            default:
                throw new TransportException($"worker {_worker} sent a {header.Type} frame, which a server does not take");
        }
    }

    private void Register(FrameHeader header)
    {
        if (header.Length > MaxRegisterBytes)
        {
            throw new TransportException($"worker {_worker} describes its model in {header.Length} bytes; at most {MaxRegisterBytes} are accepted");
        }

        var json = new byte[header.Length];
        _connection.ReceivePayload(header, json);
        _shard.Register(ParameterLayout.FromJson(json));
        lock (_gate)
        {
            // Room for every slice twice over: a worker asks for each at most once a round.
            if (_count == 0)
            {
                (_answers, _first) = (new FrameHeader[2 * _shard.Layout!.Slices.Count + 64], 0);
            }

            _staging ??= _shard.AllocateStaging();
        }

        Post(header with { Type = MessageType.Done });
    }

    private void TakePush(FrameHeader header)
    {
        if (_shard.TryBeginPush(_worker, header.Step, header.Slice, out var inbox))
        {
            _connection.ReceivePayload(header, inbox);
            _shard.CommitPush(_worker, header.Step, header.Slice);
        }
        else
        {
            _connection.SkipPayload(header);
        }

        Post(header with { Type = MessageType.Parameters, Part = 0 });
    }

    private void RequireChief(FrameHeader header)
    {
        if (_worker != 0)
        {
            throw new TrainingException($"worker {_worker} sent a {header.Type} frame; only worker 0 initialises parameters");
        }
    }

    private void Post(FrameHeader answer)
    {
        lock (_gate)
        {
            if (_closing)
            {
                return;
            }

            if (_count == _answers.Length)
            {
                throw new TransportException($"worker {_worker} asked {_count} questions without taking the answers");
            }

            _answers[(_first + _count++) % _answers.Length] = answer;
            Monitor.PulseAll(_gate);
        }
    }

    private void Answer()
    {
        try
        {
            while (true)
            {
                FrameHeader answer;
                lock (_gate)
                {
                    if (_count == 0 && !_closing)
                    {
                        Monitor.Wait(_gate, _options.Heartbeat);
                    }

                    if (_count == 0)
                    {
                        if (_closing)
                        {
                            return;
                        }

                        answer = new FrameHeader(MessageType.Heartbeat) { Worker = _worker };
                    }
                    else
                    {
                        answer = _answers[_first];
                        _first = (_first + 1) % _answers.Length;
                        _count--;
                    }
                }

                if (_shard.Failure is { } failure)
                {
                    throw new TrainingException(failure);
                }

                Send(answer);
            }
        }
        catch (TransportException error)
        {
            Close(error.Message);
            _connection.Dispose();
        }
        catch (TrainingException error)
        {
            TryAbort(error.Message);
            Close(error.Message);
        }
    }

    private void Send(FrameHeader answer)
    {
        if (answer.Type != MessageType.Parameters)
        {
            _connection.Send(answer);
            return;
        }

        Await(answer);
        if (_shard.Policy.IsSync)
        {
            var content = _shard.Peek(answer.Slice, answer.Part, out var updates);
            _connection.Send(answer with { Step = FirstReadOr(answer, updates) }, content);
        }
        else
        {
            // Others may push meanwhile; a slow reader must not hold them up.
            var content = _staging!.Bytes[.._shard.BytesOf(answer.Slice, answer.Part)];
            var updates = _shard.Read(answer.Slice, answer.Part, content);
            _connection.Send(answer with { Step = FirstReadOr(answer, updates) }, content);
        }
    }

    // A first read (step -1) learns where training begins; any other how many updates the slice has seen.
    private long FirstReadOr(FrameHeader answer, long updates) => answer.Step < 0 ? _shard.FirstStep : updates;

    private void Await(FrameHeader answer)
    {
        var deadline = Environment.TickCount64 + (long)_options.Barrier.TotalMilliseconds;
        while (!_shard.WaitReady(answer.Step, answer.Slice, _options.Heartbeat))
        {
            if (Environment.TickCount64 > deadline)
            {
                throw new TrainingException($"worker {_worker} waited {_options.Barrier.TotalSeconds:0} s for {_shard.DescribeWait(answer.Step, answer.Slice)}");
            }

            lock (_gate)
            {
                if (_closing)
                {
                    throw new TransportException(_broken!);
                }
            }

            _connection.Send(new FrameHeader(MessageType.Heartbeat) { Worker = _worker });
        }
    }

    // Closing a socket with unread bytes in it would throw away what is on its way to the worker.
    private void Drain()
    {
        var deadline = Environment.TickCount64 + (long)DrainLimit.TotalMilliseconds;
        try
        {
            _connection.Silence = DrainLimit;
            while (Environment.TickCount64 < deadline)
            {
                _connection.SkipPayload(_connection.ReceiveHeader("the worker to hang up", MaxPayloadBytes));
            }
        }
        catch (TransportException)
        {
            // It hung up.
        }
    }

    private void TryAbort(string reason)
    {
        try
        {
            Handshake.SendAbort(_connection, reason);
            _connection.FinishSending();
        }
        catch (TransportException)
        {
            // It is gone and will hear of the failure by its broken connection.
        }
    }

    private void Close(string why)
    {
        lock (_gate)
        {
            _broken ??= why;
            _closing = true;
            Monitor.PulseAll(_gate);
        }
    }
}
