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
    private readonly AnswerQueue _answers = new();
    private HostBuffer? _staging;
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
                TakeInitialize(header);
                return true;
            case MessageType.InitializeDone:
                RequireChief(header);
                TakeOrder(header, _shard.CompleteInitialization(header.Generation, header.Step) ? MessageType.Done : MessageType.WentBack);
                return true;
            case MessageType.Push:
                TakePush(header);
                return true;
            case MessageType.Pull:
                TakeQuestion(header, ReadKind.Anew);
                return true;
            case MessageType.Snapshot:
                TakeQuestion(header, ReadKind.AtStep);
                return true;
            case MessageType.PullFinal:
                TakeQuestion(header, ReadKind.AfterAllOthers);
                return true;
            case MessageType.Join:
                var step = _shard.Join(header.Generation, _worker, header.Step);
                TakeOrder(header with { Step = step ?? 0 }, step is null ? MessageType.WentBack : MessageType.Done);
                return true;
            case MessageType.Abandon:
                _shard.Abandon(header.Generation);
                TakeOrder(header, MessageType.Done);
                return true;
            case MessageType.Finish:
                _shard.Finish(header.Generation, _worker);
                TakeQuestion(header, _worker == 0 ? ReadKind.AfterAllOthers : ReadKind.AfterChief);
                return true;
            case MessageType.Leave:
                TakeOrder(header, MessageType.Done);
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
            // Room for every slice three times over: a worker asks for each at most once a round, and may give up a round for another.
            _answers.Reserve(3 * _shard.Layout!.Slices.Count + 64);
            _staging ??= _shard.AllocateStaging();
        }

        Post(new Answer(header with { Type = MessageType.Done }, null));
    }

    private void TakeInitialize(FrameHeader header)
    {
        RequireChief(header);
        if (_shard.TryBeginInitialize(header.Generation, header.Slice, header.Part, header.Step, out var memory))
        {
            _connection.ReceivePayload(header, memory);
        }
        else
        {
            _connection.SkipPayload(header);
        }

        Post(new Answer(header with { Type = MessageType.Done }, null));
    }

    private void TakePush(FrameHeader header)
    {
        if (_shard.TryBeginPush(header.Generation, _worker, header.Step, header.Slice, out var inbox))
        {
            _connection.ReceivePayload(header, inbox);
            _shard.CommitPush(header.Generation, _worker, header.Step, header.Slice);
        }
        else
        {
            _connection.SkipPayload(header);
        }

        Post(new Answer(header with { Part = 0 }, ReadKind.AfterPush));
    }

    private void TakeQuestion(FrameHeader header, ReadKind condition)
    {
        _connection.ReceivePayload(header, default);
        Post(new Answer(header, condition));
    }

    private void TakeOrder(FrameHeader header, MessageType answer)
    {
        _connection.ReceivePayload(header, default);
        Post(new Answer(header with { Type = answer }, null));
    }

    private void RequireChief(FrameHeader header)
    {
        if (_worker != 0)
        {
            throw new TrainingException($"worker {_worker} sent a {header.Type} frame; only worker 0 initialises parameters");
        }
    }

    private void Post(in Answer answer)
    {
        lock (_gate)
        {
            if (_closing)
            {
                return;
            }

            if (!_answers.TryAdd(answer))
            {
                throw new TransportException($"worker {_worker} asked {_answers.Count} questions without taking the answers");
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Answer()
    {
        try
        {
            while (true)
            {
                Answer answer;
                lock (_gate)
                {
                    if (_answers.Count == 0 && !_closing)
                    {
                        Monitor.Wait(_gate, _options.Heartbeat);
                    }

                    if (_answers.Count == 0 && _closing)
                    {
                        return;
                    }

                    answer = _answers.Count > 0 ? _answers.Take() : new Answer(new FrameHeader(MessageType.Heartbeat) { Worker = _worker }, null);
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

    private void Send(in Answer answer)
    {
        if (answer.Condition is not { } kind)
        {
            _connection.Send(answer.Header);
            return;
        }

        var header = answer.Header;
        var condition = new ReadCondition(kind, header.Generation, _worker, header.Step, header.Slice);
        while (Await(condition) == ReadStatus.Ready)
        {
            if (header.Type == MessageType.Finish)
            {
                _connection.Send(header with { Type = MessageType.Done });
                return;
            }

            var generation = _shard.Generation;
            var parameters = header with
            {
                Type = MessageType.Parameters,
                Generation = generation,
                Step = header.Type == MessageType.Snapshot ? _shard.UpdatesOf(header.Slice) : _shard.NextStep(_worker, header.Slice),
                Worker = _shard.IsMember(_worker) ? _worker : -1,
            };
            if (kind == ReadKind.AfterPush && _shard.Policy.IsRepeatable)
            {
                // Nobody can change it before this worker pushes again.
                _connection.Send(parameters, _shard.Peek(header.Slice, header.Part));
                return;
            }

            // Others may push meanwhile; a slow reader must not hold them up.
            var content = _staging!.Bytes[.._shard.BytesOf(header.Slice, header.Part)];
            _shard.Read(header.Slice, header.Part, content);
            if (_shard.IsInitialized && _shard.Generation == generation)
            {
                _connection.Send(parameters, content);
                return;
            }
        }

        _connection.Send(header with { Type = MessageType.WentBack, Generation = _shard.Generation });
    }

    private ReadStatus Await(in ReadCondition condition)
    {
        var deadline = Environment.TickCount64 + (long)_options.Barrier.TotalMilliseconds;
        while (true)
        {
            var status = _shard.Wait(condition, _options.Heartbeat);
            if (status != ReadStatus.Waiting)
            {
                return status;
            }

            if (Environment.TickCount64 > deadline)
            {
                throw new TrainingException($"worker {_worker} waited {_options.Barrier.TotalSeconds:0} s for {_shard.DescribeWait(condition)}");
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
