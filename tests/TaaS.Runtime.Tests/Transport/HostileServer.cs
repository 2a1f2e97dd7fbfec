using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>Listens as a server does, and has each client talk to a script.</summary>
internal sealed class HostileServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public HostileServer(Action<RawPeer> script)
    {
        _listener.Start();
        new Thread(() => Accept(script)) { IsBackground = true }.Start();
    }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public void Dispose() => _listener.Dispose();

    private void Accept(Action<RawPeer> script)
    {
        try
        {
            while (true)
            {
                var socket = _listener.AcceptSocket();
                new Thread(() => Talk(socket, script)) { IsBackground = true }.Start();
            }
        }
        catch (Exception error) when (error is SocketException or InvalidOperationException)
        {
            // Disposed.
        }
    }

    private static void Talk(Socket socket, Action<RawPeer> script)
    {
        using var peer = new RawPeer(socket);
        try
        {
            script(peer);
        }
        catch (Exception error) when (error is SocketException or EndOfStreamException)
        {
            // The client has hung up on us, as it may.
        }
    }
}
