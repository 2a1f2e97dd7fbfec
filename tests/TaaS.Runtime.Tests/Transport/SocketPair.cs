using System.Net;
using System.Net.Sockets;

namespace TaaS.Runtime.Tests.Transport;

/// <summary>Two ends of one TCP connection in this process.</summary>
internal sealed record SocketPair(Socket Near, Socket Far) : IDisposable
{
    public static SocketPair Connect()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var near = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        near.Connect(listener.LocalEndPoint!);
        var far = listener.Accept();
        far.NoDelay = true;
        return new SocketPair(near, far);
    }

    public void Dispose()
    {
        Near.Dispose();
        Far.Dispose();
    }
}
