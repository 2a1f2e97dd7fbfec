using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>The server's side of one worker's connection: one thread takes what comes, another answers in the same order.</summary>
internal sealed class WorkerSession : IDisposable
{
    private const int MaxPayloadBytes = ParameterLayout.MaxFrameElements * sizeof(float);

    // An answer up to this size is sent by the thread that took the question: to wake the other would take longer than to send it.
    private const int SmallAnswerBytes = 64 * 1024;

    private static readonly TimeSpan DrainLimit = TimeSpan.FromSeconds(2);

    private readonly FrameConnection _connection;
    private readonly int _worker;
    private readonly ParameterShard _shard;
    private readonly TransportOptions _options;
    private readonly ManualResetEventSlim _finished = new();
    private readonly Thread _writer;
    private readonly object _gate = new();
    private readonly AnswerQueue _answers = new();
    private readonly WorkerDialog _dialog;
    private bool _isAnswering;
    private int _unanswered;
    private volatile bool _closing;
    private string? _broken;

    public WorkerSession(FrameConnection connection, int worker, ParameterShard shard, TransportOptions options)
    {
        (_connection, _worker, _shard, _options) = (connection, worker, shard, options);
        _dialog = new WorkerDialog(worker, shard);
        _writer = new Thread(Answer) { IsBackground = true, Name = $"ps answers to worker {worker}" };
    }

    /// <summary>Serves until the worker leaves or the connection breaks.</summary>
    /// <returns>Why it ended.</returns>
    public string Run()
    {
        _writer.Start();
        _shard.Metrics?.Connected();
        try
        {
            while (!_closing && Take())
            {
            }

            Close("it left");
        }
        catch (TransportException error) when (!error.Final)
        {
            Close(error.Message);
        }
        catch (TrainingException error)
        {
            // The worker asked for something impossible: it is told, and its training is over.
            Close(error.Message);
            TryAbort(error.Message);
        }

        Drain();
        _writer.Join();
        _shard.Metrics?.Disconnected(_unanswered);
        _connection.Dispose();
        _finished.Set();
        return _broken!;
    }

    /// <summary>Tells the worker not now, without serving it.</summary>
    public void Refuse(string reason)
    {
        TryEnd(() => Handshake.SendBusy(_connection, reason));
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
        _shard.Metrics?.Received(FrameHeader.Bytes + header.Length);
        if (_dialog.Take(header, _connection) is not { } answer)
        {
            return true;
        }

        if (header.Type == MessageType.Register)
        {
            lock (_gate)
            {
                // Room for every slice three times over: a worker asks for each at most once a round, and may give up a round for another.
                _answers.Reserve(3 * _shard.Layout!.Slices.Count + 64);
            }
        }

        if (!TryAnswerAtOnce(answer))
        {
            Post(answer);
        }

        if (header.Type != MessageType.Leave)
        {
            return true;
        }

        _dialog.Leave();
        return false;
    }

    private bool TryAnswerAtOnce(in Answer answer)
    {
        if (answer.Condition != ReadKind.AfterPush || _shard.BytesOf(answer.Header.Slice, answer.Header.Part) > SmallAnswerBytes)
        {
            return false;
        }

        lock (_gate)
        {
            // Only the thread that is here gives the other something to do, so it stays idle meanwhile.
            if (_closing || _isAnswering || _answers.Count > 0)
            {
                return false;
            }
        }

        if (_dialog.Wait(answer, TimeSpan.Zero) != ReadStatus.Ready || !_dialog.TryMake(answer, out var header, out var content))
        {
            return false;
        }

        _connection.Send(header, content);
        _shard.Metrics?.Queued();
        _shard.Metrics?.Answered(_worker, FrameHeader.Bytes + content.Length, header.Type == MessageType.Parameters);
        return true;
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

            _unanswered++;
            _shard.Metrics?.Queued();

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
                    _isAnswering = false;
                    if (_answers.Count == 0 && !_closing)
                    {
                        Monitor.Wait(_gate, _options.Heartbeat);
                    }

                    if (_answers.Count == 0 && _closing)
                    {
                        return;
                    }

                    _isAnswering = _answers.Count > 0;
                    answer = _isAnswering ? _answers.Take() : new Answer(new FrameHeader(MessageType.Heartbeat) { Worker = _worker }, null);
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
            Close(error.Message);
            TryAbort(error.Message);
        }
    }

    private void Send(in Answer answer)
    {
        while (Await(answer) == ReadStatus.Ready)
        {
            if (_dialog.TryMake(answer, out var header, out var content))
            {
                _connection.Send(header, content);
                CountAnswer(header, content.Length);
                return;
            }
        }

        var wentBack = _dialog.WentBack(answer);
        _connection.Send(wentBack);
        CountAnswer(wentBack, 0);
    }

    // A heartbeat was never queued.
    private void CountAnswer(in FrameHeader header, int length)
    {
        if (header.Type == MessageType.Heartbeat)
        {
            return;
        }

        lock (_gate)
        {
            _unanswered--;
        }

        _shard.Metrics?.Answered(_worker, FrameHeader.Bytes + length, header.Type == MessageType.Parameters);
    }

    private ReadStatus Await(in Answer answer)
    {
        var deadline = Environment.TickCount64 + (long)_options.Barrier.TotalMilliseconds;
        while (true)
        {
            var status = _dialog.Wait(answer, _options.Heartbeat);
            if (status != ReadStatus.Waiting)
            {
                return status;
            }

            if (Environment.TickCount64 > deadline)
            {
                throw new TrainingException($"worker {_worker} waited {_options.Barrier.TotalSeconds:0} s for {_dialog.DescribeWait(answer)}");
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

    private void TryAbort(string reason) => TryEnd(() => Handshake.SendAbort(_connection, reason));

    private void TryEnd(Action say)
    {
        try
        {
            say();
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
