using System.Globalization;
using System.Net;
using System.Net.Sockets;
using TaaS.Runtime.Transport;

namespace TaaS.Runtime.ParameterServer;

/// <summary>One parameter server on a socket: admits workers, serves its shard, and notices who is lost.</summary>
/// <remarks>
/// A worker whose connection breaks may come back within <see cref="TransportOptions.Reconnect"/>; after that it is lost.
/// A worker that is silent for <see cref="TransportOptions.Silence"/> counts as broken: workers beat every <see cref="TransportOptions.Heartbeat"/>.
/// </remarks>
public sealed class SocketParameterServer : IDisposable
{
    private const int MaxStrangers = 32;
    private static readonly TimeSpan EndLimit = TimeSpan.FromSeconds(3);

    private readonly TransportOptions _options;
    private readonly Action<string> _log;
    private readonly Socket _listener;
    private readonly Thread _acceptor;
    private readonly Lock _lock = new();
    private readonly WorkerSession?[] _sessions;
    private readonly long[] _brokenSince;
    private readonly string?[] _brokenWhy;
    private readonly ulong[] _incarnations;
    private readonly string[] _origins;
    private readonly ulong[] _refused;
    private readonly Strangers _strangers = new(MaxStrangers);
    private readonly string _signature;
    private volatile bool _disposed;

    /// <summary>Listens at once.</summary>
    /// <param name="address"><c>host:port</c> (port 0 picks a free one) or <c>unix:/path</c>.</param>
    /// <param name="shard">Parameters to serve.</param>
    /// <param name="options">Limits and the secret.</param>
    /// <param name="log">Takes one line for each thing worth knowing.</param>
    /// <exception cref="TransportException">The address is taken or not of this machine.</exception>
    public SocketParameterServer(string address, ParameterShard shard, TransportOptions options, Action<string>? log = null)
    {
        Shard = shard;
        _options = options;
        _log = line => log?.Invoke(Handshake.OneLine(line));
        _sessions = new WorkerSession?[shard.Policy.MaxWorkers];
        _brokenSince = new long[shard.Policy.MaxWorkers];
        _brokenWhy = new string?[shard.Policy.MaxWorkers];
        _incarnations = new ulong[shard.Policy.MaxWorkers];
        _origins = new string[shard.Policy.MaxWorkers];
        _refused = new ulong[shard.Policy.MaxWorkers];
        _signature = Signature(shard.Server, shard.Policy, shard.Optimizer);
        if (options.Tls is { Certificate: null } && !TransportAddress.IsUnix(address))
        {
            throw TlsChannel.MissingCertificate();
        }

        _listener = Listen(address);
        Address = TransportAddress.IsUnix(address)
            ? address
            : string.Create(CultureInfo.InvariantCulture, $"{address[..address.LastIndexOf(':')]}:{((IPEndPoint)_listener.LocalEndPoint!).Port}");
        _acceptor = new Thread(Accept) { IsBackground = true, Name = "ps accept" };
        _acceptor.Start();
    }

    /// <summary>Where it listens, with the port that was picked.</summary>
    public string Address { get; }

    /// <summary>The parameters served.</summary>
    public ParameterShard Shard { get; }

    /// <summary>Serves until every worker has left.</summary>
    /// <param name="cancel">Ends serving early.</param>
    /// <exception cref="TrainingException">A worker was lost that training cannot do without; every other worker was told.</exception>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public void Run(CancellationToken cancel)
    {
        var tick = TimeSpan.FromMilliseconds(100);
        while (!Shard.WaitEnd(tick))
        {
            cancel.ThrowIfCancellationRequested();
            LoseThoseWhoStayAway();
        }

        foreach (var session in _sessions)
        {
            session?.WaitFinished(EndLimit);
        }

        if (Shard.Failure is { } failure)
        {
            throw new TrainingException(failure);
        }
    }

    /// <summary>What both sides must agree on to talk.</summary>
    internal static string Signature(int server, UpdatePolicy policy, OptimizerSettings optimizer) => $"ps {server}; {policy}; {optimizer}";

    /// <inheritdoc/>
    public void Dispose()
    {
        _disposed = true;
        _listener.Dispose();
        foreach (var session in _sessions)
        {
            session?.Dispose();
        }

        if (TransportAddress.IsUnix(Address))
        {
            File.Delete(TransportAddress.UnixPath(Address));
        }
    }

    /// <summary>Begins to listen at an address.</summary>
    internal static Socket Listen(string address)
    {
        var endpoint = TransportAddress.ToListen(address);
        Socket? socket = null;
        try
        {
            socket = endpoint is IPEndPoint ip
                ? new Socket(ip.AddressFamily, SocketType.Stream, ProtocolType.Tcp)
                : TransportAddress.CreateSocket(address);
            if (endpoint is IPEndPoint { AddressFamily: AddressFamily.InterNetworkV6 } any && any.Address.Equals(IPAddress.IPv6Any))
            {
                socket.DualMode = true;
            }

            Bind(socket, endpoint);
            socket.Listen();
            return socket;
        }
        catch (SocketException error)
        {
            socket?.Dispose();
            var what = error.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? "it is in use by another program; end that program or choose another port"
                : error.Message;
            throw new TransportException($"cannot listen on {address}: {what}", error) { Final = true };
        }
    }

    private static void Bind(Socket socket, EndPoint endpoint)
    {
        try
        {
            socket.Bind(endpoint);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.AddressAlreadyInUse && endpoint is UnixDomainSocketEndPoint && !Answers(endpoint))
        {
            // What a server that was killed left behind.
            File.Delete(endpoint.ToString()!);
            socket.Bind(endpoint);
        }
    }

    private static bool Answers(EndPoint endpoint)
    {
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(endpoint);
            return true;
        }
        catch (SocketException)
        {
            return false;
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
                if (!_disposed)
                {
                    _log($"cannot accept connections any more: {error.Message}");
                }

                return;
            }

            new Thread(() => Serve(socket)) { IsBackground = true, Name = "ps session" }.Start();
        }
    }

    private void Serve(Socket socket)
    {
        using var connection = new FrameConnection(socket, "a client", _options.Handshake);
        if (Admit(socket, connection, out var incarnation) is not { } worker)
        {
            return;
        }

        using var session = new WorkerSession(connection, worker, Shard, _options);
        if (!TakePlace(worker, session, incarnation, connection.Address?.ToString() ?? "this machine"))
        {
            return;
        }

        _log($"worker {worker} is here");
        var why = session.Run();
        lock (_lock)
        {
            if (_sessions[worker] == session && !Shard.IsGone(worker) && !_disposed)
            {
                _brokenWhy[worker] = why;
                _brokenSince[worker] = Environment.TickCount64;
                _log($"worker {worker}: {why}; it may come back within {_options.Reconnect.TotalSeconds:0.#} s");
            }
        }
    }

    private int? Admit(Socket socket, FrameConnection connection, out ulong incarnation)
    {
        incarnation = 0;
        _strangers.Enter(connection);
        using var limit = new CancellationTokenSource(_options.Handshake);
        try
        {
            if (socket.ProtocolType == ProtocolType.Tcp)
            {
                socket.NoDelay = true;
            }

            connection.Peer = $"a client at {socket.RemoteEndPoint}";
            using (limit.Token.Register(() => connection.End($"refused {connection.Peer}: it did not prove itself within {_options.Handshake.TotalSeconds:0.#} s")))
            {
                connection.SecureAsServer(_options.Tls);
                var worker = Handshake.Admit(connection, _options.Secret, Shard.Policy.MaxWorkers, _signature, out incarnation);
                connection.Peer = $"worker {worker}";
                connection.Silence = _options.Silence;
                return worker;
            }
        }
        catch (Exception error) when (error is TransportException or SocketException or ObjectDisposedException)
        {
            _log(error.Message);
            return null;
        }
        finally
        {
            _strangers.Leave(connection);
        }
    }

    // A worker that comes back takes the place of its old session, which must be quite finished first. Another process with its index must wait until that has ended by itself.
    private bool TakePlace(int worker, WorkerSession session, ulong incarnation, string origin)
    {
        WorkerSession? old;
        string? taken = null;
        lock (_lock)
        {
            if (_disposed)
            {
                return false;
            }

            old = _sessions[worker];
            if (incarnation != _incarnations[worker] && old is not null && !old.WaitFinished(TimeSpan.Zero))
            {
                taken = $"worker {worker} is already here, from {_origins[worker]}; two workers must not have the same index";
                if (_refused[worker] != incarnation)
                {
                    // It will try again many times; once is enough to know.
                    _log($"refused a second worker {worker}, from {origin}: {taken}");
                    _refused[worker] = incarnation;
                }
            }
            else
            {
                (_sessions[worker], _brokenWhy[worker], _incarnations[worker], _origins[worker]) = (session, null, incarnation, origin);
            }
        }

        if (taken is not null)
        {
            session.Refuse(taken);
            return false;
        }

        old?.Dispose();
        if (old is not null && !old.WaitFinished(_options.Handshake))
        {
            session.Refuse($"the last connection of worker {worker} did not end within {_options.Handshake.TotalSeconds:0.#} s");
            return false;
        }

        return true;
    }

    private void LoseThoseWhoStayAway()
    {
        for (var worker = 0; worker < _sessions.Length; worker++)
        {
            string? why;
            lock (_lock)
            {
                why = _brokenWhy[worker];
                if (why is null || Environment.TickCount64 - _brokenSince[worker] < _options.Reconnect.TotalMilliseconds)
                {
                    continue;
                }
            }

            _brokenWhy[worker] = null;
            Shard.Lose(worker, why);
            _log(Shard.Failure ?? $"worker {worker} was lost ({why}); the others go on");
        }
    }
}
