using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TaaS.Runtime.Tests.ParameterServer;

/// <summary>Passes bytes on to a server and cuts the line after so many of them.</summary>
internal sealed class BreakingProxy : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly IPEndPoint _target;
    private readonly int _breakEvery;
    private int _breaks;

    public BreakingProxy(string target, int breakEvery)
    {
        _target = IPEndPoint.Parse(target);
        _breakEvery = breakEvery;
        _listener.Start();
        _ = RunAsync();
    }

    public string Address => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    public int Breaks => _breaks;

    public void Dispose() => _listener.Dispose();

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                _ = PassAsync(await _listener.AcceptSocketAsync());
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task PassAsync(Socket client)
    {
        using var near = client;
        using var far = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await far.ConnectAsync(_target);
        var budget = new int[] { _breakEvery };
        await Task.WhenAny(CopyAsync(near, far, budget), CopyAsync(far, near, budget));
    }

    private async Task CopyAsync(Socket from, Socket to, int[] budget)
    {
        var buffer = new byte[3000];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var received)
            {
                if (Interlocked.Add(ref budget[0], -received) < 0)
                {
                    Interlocked.Increment(ref _breaks);
                    return;
                }

                await to.SendAsync(buffer.AsMemory(0, received));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // The other direction was cut.
        }
    }
}
