using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace TaaS.Runtime.Transport;

/// <summary>Where a role listens: <c>host:port</c>, or <c>unix:/path</c> on the same node.</summary>
internal static class TransportAddress
{
    private const string UnixPrefix = "unix:";

    /// <summary>Makes a socket of the right family.</summary>
    public static Socket CreateSocket(string address)
    {
        if (IsUnix(address))
        {
            return new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        }

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.NoDelay = true;
        return socket;
    }

    /// <summary>Where to connect to.</summary>
    /// <exception cref="TransportException">Not an address.</exception>
    public static EndPoint ToConnect(string address)
    {
        if (IsUnix(address))
        {
            return new UnixDomainSocketEndPoint(address[UnixPrefix.Length..]);
        }

        var (host, port) = Split(address);
        return IPAddress.TryParse(host, out var ip) ? new IPEndPoint(ip, port) : new DnsEndPoint(host, port);
    }

    /// <summary>Where to listen: a loopback address stays on loopback, any other name means every interface of this machine.</summary>
    /// <exception cref="TransportException">Not an address.</exception>
    public static EndPoint ToListen(string address)
    {
        if (IsUnix(address))
        {
            return new UnixDomainSocketEndPoint(address[UnixPrefix.Length..]);
        }

        var (host, port) = Split(address);
        if (host == "localhost")
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        return new IPEndPoint(IPAddress.TryParse(host, out var ip) ? ip : Socket.OSSupportsIPv6 ? IPAddress.IPv6Any : IPAddress.Any, port);
    }

    /// <summary>True for a socket file.</summary>
    public static bool IsUnix(string address) => address.StartsWith(UnixPrefix, StringComparison.Ordinal);

    /// <summary>Path of a socket file.</summary>
    public static string UnixPath(string address) => address[UnixPrefix.Length..];

    /// <summary>Name or address of the machine, which a certificate must bear; empty for a socket file.</summary>
    /// <exception cref="TransportException">Not an address.</exception>
    public static string Host(string address) => IsUnix(address) ? "" : Split(address).Host;

    private static (string Host, int Port) Split(string address)
    {
        var colon = address.LastIndexOf(':');
        if (colon > 0 && int.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is >= 0 and <= 65535)
        {
            return (address[..colon].Trim('[', ']'), port);
        }

        throw new TransportException($"'{address}' is not an address; expected host:port (port 0 to 65535) or unix:/path") { Final = true };
    }
}
