using System.Net.Sockets;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <content>The connection: made, listened to, broken and made anew.</content>
internal sealed partial class ServerLink
{
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

            try
            {
                var connection = _dialer.Dial(out var generation);
                // Before any question can go out on it: afterwards this worker may have brought the server into another generation itself.
                _rounds.Reached(generation);
                return Begin(connection);
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or TransportException { Final: false })
            {
                _lastError = error.Message;
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

    private FrameConnection Begin(FrameConnection connection)
    {
        lock (_gate)
        {
            if (_wasConnected)
            {
                _metrics?.Reconnected();
            }

            _connection = connection;
            _wasConnected = true;
            _exchange.AskAgain();
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
                _metrics?.Received(FrameHeader.Bytes + header.Length);
                if (Handshake.IsRefusal(header))
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
        int request;
        long round;
        Span<byte> into;
        bool isStaged;
        lock (_gate)
        {
            request = _exchange.Match(header, Name);
            round = _rounds.Current;
            isStaged = request >= 0 && header.Type == MessageType.Parameters && !_exchange.MayDeliver;
            into = request < 0 || header.Type == MessageType.WentBack ? default : isStaged ? _staging[request] : Bytes(_exchange[request].Incoming);
        }

        if (request < 0)
        {
            connection.SkipPayload(header);
            return;
        }

        connection.ReceivePayload(header, into);
        Interlocked.Add(ref _bytesPulled, header.Length);
        lock (_gate)
        {
            _exchange.Take(request, header, isStaged);
            if (_exchange.IsDone)
            {
                Monitor.PulseAll(_gate);
            }
        }

        if (header.Type == MessageType.WentBack)
        {
            _rounds.GoBack(round);
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
}
