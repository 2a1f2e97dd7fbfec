using System.Net.Sockets;
using System.Runtime.InteropServices;
using TaaS.Kernels;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>
/// A worker's line to one server. One thread sends questions and beats the heart, another takes answers, so a push goes out while
/// fresh parameters come in. A broken line is made anew and unanswered questions are asked again; the server drops what it has seen.
/// </summary>
internal sealed class ServerLink : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);

    private readonly string _address;
    private readonly int _worker;
    private readonly string _signature;
    private readonly byte[] _layout;
    private readonly TransportOptions _options;
    private readonly object _gate = new();
    private readonly Thread _sender;

    private FrameConnection? _connection;
    private Thread? _receiver;
    private LinkRequest[] _requests = [];
    private RequestState[] _states = [];
    private LinkRequest[] _stagingOf = [];
    private byte[][] _staging = [];
    private bool _mayDeliver;
    private long _step;
    private int _sent;
    private int _open;
    private long _answerStep;
    private string _lastError = "it never answered";
    private TrainingException? _failure;
    private bool _wasConnected;
    private volatile bool _disposed;

    /// <summary>Starts to connect in the background.</summary>
    /// <param name="name">Name for messages, such as <c>ps-0</c>.</param>
    /// <param name="address">Where the server listens.</param>
    /// <param name="worker">Index of this worker.</param>
    /// <param name="signature">What both sides must agree on.</param>
    /// <param name="layout">The model, registered on each connection.</param>
    /// <param name="options">Limits and the secret.</param>
    public ServerLink(string name, string address, int worker, string signature, ParameterLayout layout, TransportOptions options)
    {
        (Name, _address, _worker, _signature, _options) = ($"{name} ({address})", address, worker, signature, options);
        _layout = layout.ToJson();
        _sender = new Thread(Send) { IsBackground = true, Name = $"to {name}" };
        _sender.Start();
    }

    /// <summary>Name and address.</summary>
    public string Name { get; }

    /// <summary>Asks questions; returns at once.</summary>
    /// <param name="requests">Questions; the array must stay as it is until <see cref="Wait"/> returns.</param>
    /// <param name="step">Step that goes with each.</param>
    /// <param name="isHeld">Each question waits for its <see cref="Release"/>, and no answer is delivered before <see cref="ReleaseAll"/>.</param>
    public void Begin(LinkRequest[] requests, long step, bool isHeld)
    {
        lock (_gate)
        {
            if (_states.Length < requests.Length)
            {
                _states = new RequestState[requests.Length];
            }

            if (isHeld && !ReferenceEquals(_stagingOf, requests))
            {
                _stagingOf = requests;
                _staging = [.. requests.Select(request => GC.AllocateUninitializedArray<byte>((int)request.Incoming.Elements * sizeof(float), pinned: true))];
            }

            Array.Fill(_states, new RequestState { IsReleased = !isHeld });
            (_requests, _step, _sent, _open, _mayDeliver) = (requests, step, 0, requests.Length, !isHeld);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Lets a held question go out, after those before it in the array.</summary>
    public void Release(int request)
    {
        lock (_gate)
        {
            _states[request].IsReleased = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Lets every question go out, and answers come in to where they belong.</summary>
    public void ReleaseAll()
    {
        lock (_gate)
        {
            for (var request = 0; request < _requests.Length; request++)
            {
                _states[request].IsReleased = true;
            }

            _mayDeliver = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits until all is answered.</summary>
    /// <param name="waitingFor">What is waited for, for the message.</param>
    /// <returns>Step that came with the last answer.</returns>
    /// <exception cref="TrainingException">The server refused, was lost, or the wait ran out.</exception>
    public long Wait(string waitingFor)
    {
        // The server itself ends a wait for other workers; this limit is for a server that beats its heart and does nothing.
        var deadline = Environment.TickCount64 + (long)(_options.Barrier + _options.Silence).TotalMilliseconds;
        DeliverStaged();
        lock (_gate)
        {
            while (_open > 0)
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
        }

        // An answer that was on its way at the time of ReleaseAll.
        DeliverStaged();
        return _answerStep;
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
        for (var request = 0; request < _requests.Length; request++)
        {
            lock (_gate)
            {
                if (!_states[request].IsStaged)
                {
                    continue;
                }

                _states[request].IsStaged = false;
            }

            // Without the gate: other answers come in meanwhile.
            _staging[request].CopyTo(Bytes(_requests[request].Incoming));
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
        LinkRequest request;
        long step;
        uint number;
        lock (_gate)
        {
            while (_sent < _requests.Length && _states[_sent].IsAnswered)
            {
                _sent++;
            }

            if (!HasNext() && (_disposed || !Monitor.Wait(_gate, _options.Heartbeat)))
            {
                request = new LinkRequest(MessageType.Heartbeat, -1, 0, default, default);
                (step, number) = (0, 0);
            }
            else if (_connection != connection || !HasNext() || _states[_sent].IsAnswered)
            {
                return;
            }
            else
            {
                (request, step, number) = (_requests[_sent], _step, (uint)_sent);
                _sent++;
            }
        }

        connection.Send(new FrameHeader(request.Type) { Request = number, Worker = _worker, Step = step, Slice = request.Slice, Part = (ushort)request.Part }, Bytes(request.Outgoing));
    }

    private bool HasNext() => _sent < _requests.Length && _states[_sent].IsReleased;

    private FrameConnection Connect()
    {
        var limit = _wasConnected ? _options.Reconnect : _options.Connect;
        var deadline = Environment.TickCount64 + (long)limit.TotalMilliseconds;
        while (true)
        {
            _receiver?.Join();
            lock (_gate)
            {
                if (_failure is not null || _disposed)
                {
                    throw _failure ?? new TrainingException($"the line to {Name} was closed");
                }
            }

            FrameConnection? connection = null;
            try
            {
                connection = Open();
                Greet(connection);
                return Begin(connection);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or TransportException { Final: false })
            {
                connection?.Dispose();
                _lastError = error.Message;
            }
            catch (TrainingException)
            {
                connection?.Dispose();
                throw;
            }

            if (Environment.TickCount64 > deadline)
            {
                throw new TrainingException(_wasConnected
                    ? $"{Name} was lost and could not be reached again within {limit.TotalSeconds:0.#} s: {_lastError}"
                    : $"{Name} could not be reached within {limit.TotalSeconds:0.#} s: {_lastError}; check that it runs and that the address is right");
            }

            lock (_gate)
            {
                Monitor.Wait(_gate, RetryPause);
            }
        }
    }

    private FrameConnection Open()
    {
        var socket = TransportAddress.CreateSocket(_address);
        try
        {
            using var limit = new CancellationTokenSource(_options.Handshake);
            using (limit.Token.Register(socket.Dispose))
            {
                socket.Connect(TransportAddress.ToConnect(_address));
            }

            return new FrameConnection(socket, Name, _options.Handshake);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private void Greet(FrameConnection connection)
    {
        Handshake.Greet(connection, _options.Secret, _worker, _signature);
        connection.Silence = _options.Silence;
        connection.Send(new FrameHeader(MessageType.Register) { Worker = _worker }, _layout);
        FrameHeader answer;
        do
        {
            answer = connection.ReceiveHeader("the model to be registered", Handshake.MaxAbortBytes);
            if (answer.Type == MessageType.Abort)
            {
                throw Handshake.ReadAbort(connection, answer);
            }

            connection.ReceivePayload(answer, default);
        }
        while (answer.Type == MessageType.Heartbeat);
    }

    private FrameConnection Begin(FrameConnection connection)
    {
        lock (_gate)
        {
            _connection = connection;
            _wasConnected = true;
            _sent = 0;
            _receiver = new Thread(() => Receive(connection)) { IsBackground = true, Name = $"from {Name}" };
            _receiver.Start();
            return connection;
        }
    }

    private void Receive(FrameConnection connection)
    {
        try
        {
            while (true)
            {
                var header = connection.ReceiveHeader("fresh parameters", ParameterLayout.MaxFrameElements * sizeof(float));
                if (header.Type == MessageType.Abort)
                {
                    throw Handshake.ReadAbort(connection, header);
                }

                if (header.Type == MessageType.Heartbeat)
                {
                    connection.ReceivePayload(header, default);
                    continue;
                }

                TakeAnswer(connection, header);
            }
        }
        catch (TransportException error)
        {
            Break(connection, error);
        }
    }

    private void TakeAnswer(FrameConnection connection, FrameHeader header)
    {
        LinkRequest request;
        bool isStaged;
        lock (_gate)
        {
            if (header.Request >= (uint)_requests.Length || header.Request >= (uint)_sent || _states[header.Request].IsAnswered)
            {
                throw new TransportException($"{Name} answered question {header.Request}, which was not asked");
            }

            request = _requests[header.Request];
            isStaged = !_mayDeliver;
        }

        if (header.Slice != request.Slice || header.Type is not (MessageType.Parameters or MessageType.Done))
        {
            throw new TransportException($"{Name} sent a {header.Type} frame for slice {header.Slice} in answer to one for slice {request.Slice}");
        }

        connection.ReceivePayload(header, isStaged ? _staging[header.Request] : Bytes(request.Incoming));
        lock (_gate)
        {
            _states[header.Request].IsAnswered = true;
            _states[header.Request].IsStaged = isStaged;
            _answerStep = header.Step;
            if (--_open == 0)
            {
                Monitor.PulseAll(_gate);
            }
        }
    }

    private void Break(FrameConnection connection, TransportException error)
    {
        connection.Dispose();
        lock (_gate)
        {
            if (_connection != connection)
            {
                return;
            }

            _connection = null;
            _lastError = error.Message;
            if (error.Final)
            {
                _failure ??= error;
            }

            Monitor.PulseAll(_gate);
        }
    }

    private void Fail(TrainingException error)
    {
        lock (_gate)
        {
            _failure ??= error;
            Monitor.PulseAll(_gate);
        }
    }

    private struct RequestState
    {
        /// <summary>It may go out.</summary>
        public bool IsReleased;

        /// <summary>Its answer is here.</summary>
        public bool IsAnswered;

        /// <summary>Its answer came before it might be delivered, and waits for that.</summary>
        public bool IsStaged;
    }

    private static Span<byte> Bytes(View view) => view.Elements == 0 ? default : MemoryMarshal.AsBytes(view.Floats);
}
