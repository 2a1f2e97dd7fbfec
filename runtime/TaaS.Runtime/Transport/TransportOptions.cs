using System.Security.Cryptography;

namespace TaaS.Runtime.Transport;

/// <summary>Time and size limits of a conversation between roles.</summary>
public sealed record TransportOptions
{
    /// <summary>Secret both sides share; never sent.</summary>
    public required string Secret { get; init; }

    /// <summary>A peer silent for this long is lost. Default 8 s.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>A side with nothing to say says so this often. Default 2 s.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a client tries to reach a server that does not answer yet. Default 30 s.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a lost role may take to come back: a worker to a server, or a server to a worker, itself or its successor. Default 60 s.</summary>
    public TimeSpan Reconnect { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Limit of a wait for other workers, who are alive but late. Default 10 min.</summary>
    public TimeSpan Barrier { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Limit of the handshake. Default 5 s.</summary>
    public TimeSpan Handshake { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Certificates of conversations over TLS; null for none.</summary>
    public TlsOptions? Tls { get; init; }

    /// <summary>Number of this process among all that were ever started for its role. Default: random, so that a server can tell one that comes back from a second one.</summary>
    public ulong Incarnation { get; init; } = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
}
