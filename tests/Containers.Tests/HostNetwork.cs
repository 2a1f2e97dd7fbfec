using System.Net;
using System.Net.Sockets;

namespace TaaS.Containers.Tests;

/// <summary>The machine's own network: each role has a loopback address of its own.</summary>
internal sealed class HostNetwork : IContainerNetwork
{
    private readonly int _port = FreePort();

    public IEnumerable<string> Flags(string role) => ["--network=host"];

    public string Address(string role) => $"127.0.0.{(role.StartsWith("ps", StringComparison.Ordinal) ? 10 : 20) + (role[^1] - '0')}:{_port}";

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
