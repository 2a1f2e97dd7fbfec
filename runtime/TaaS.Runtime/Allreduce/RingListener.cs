using System.Net.Sockets;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.Allreduce;

/// <summary>Lets the worker before connect, and nobody else: a stranger, a worker out of place and a second one of the same index are told why not.</summary>
internal sealed class RingListener : IDisposable
{
    private const int MaxStrangers = 32;

    private readonly RingPlace _place;
    private readonly string _signature;
    private readonly TransportOptions _options;
    private readonly Action<FrameConnection> _serve;
    private readonly Socket _listener;
    private int _strangers;
    private int _isTaken;
    private volatile bool _disposed;

    /// <summary>Listens at once.</summary>
    /// <param name="place">Who listens, and for whom.</param>
    /// <param name="signature">What the worker before must run.</param>
    /// <param name="options">Limits and the secret.</param>
    /// <param name="serve">Has the connection to the worker before, on a thread of its own.</param>
    /// <exception cref="TransportException">The address is taken or not of this machine.</exception>
    public RingListener(RingPlace place, string signature, TransportOptions options, Action<FrameConnection> serve)
    {
        (_place, _signature, _options, _serve) = (place, signature, options, serve);
        _listener = SocketParameterServer.Listen(place.Addresses[place.Worker]);
        new Thread(Accept) { IsBackground = true, Name = "ring accept" }.Start();
    }

    /// <summary>Why somebody was refused last, or null.</summary>
    public string? LastRefusal { get; private set; }

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _listener.Dispose();
        var address = _place.Addresses[_place.Worker];
        if (TransportAddress.IsUnix(address))
        {
            File.Delete(TransportAddress.UnixPath(address));
        }
    }

    private void Accept()
    {
        while (!_disposed)
        {
            Socket socket;
            try
            {
                socket = _listener.Accept();
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                LastRefusal = $"cannot accept connections any more: {error.Message}";
                return;
            }

            // Strangers cost a thread each, so only so many at once.
            if (Interlocked.Increment(ref _strangers) > MaxStrangers)
            {
                Interlocked.Decrement(ref _strangers);
                socket.Dispose();
                continue;
            }

            new Thread(() => Serve(socket)) { IsBackground = true, Name = "from the worker before" }.Start();
        }
    }

    private void Serve(Socket socket)
    {
        using var connection = new FrameConnection(socket, "a client", _options.Handshake);
        if (TryAdmit(socket, connection))
        {
            _serve(connection);
        }
    }

    private bool TryAdmit(Socket socket, FrameConnection connection)
    {
        using var limit = new CancellationTokenSource(_options.Handshake);
        try
        {
            if (socket.ProtocolType == ProtocolType.Tcp)
            {
                socket.NoDelay = true;
            }

            connection.Peer = $"a client at {socket.RemoteEndPoint}";
            using (limit.Token.Register(connection.Dispose))
            {
                connection.SecureAsServer(_options.Tls);
                var worker = Handshake.Admit(connection, _options.Secret, _place.Workers, _signature, out _);
                if (worker != _place.Previous)
                {
                    Refuse(connection, $"worker {_place.Worker} of a ring of {_place.Workers} is reached by worker {_place.Previous}, not by worker {worker}; give every worker the same list of addresses", isPassing: false);
                    return false;
                }

                if (Interlocked.Exchange(ref _isTaken, 1) != 0)
                {
                    // Or this side has yet to hear that the ring is broken, and the worker is the successor of one that was lost.
                    Refuse(connection, $"worker {worker} is in the ring already; start one process for each index", isPassing: true);
                    return false;
                }

                connection.Peer = _place.Name(worker);
                connection.Silence = _options.Silence;
                connection.Send(new FrameHeader(MessageType.Done) { Worker = worker });
                return true;
            }
        }
        catch (Exception error) when (error is TransportException or SocketException or ObjectDisposedException)
        {
            LastRefusal = error.Message;
            return false;
        }
        finally
        {
            Interlocked.Decrement(ref _strangers);
        }
    }

    private void Refuse(FrameConnection connection, string why, bool isPassing)
    {
        LastRefusal = why;
        RingDialer.SendAbort(connection, why, isPassing);
    }
}
