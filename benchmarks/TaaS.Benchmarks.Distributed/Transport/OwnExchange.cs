using System.Security.Cryptography;
using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Processes;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Transport;

namespace TaaS.Benchmarks.Distributed.Transport;

/// <summary>The product: <see cref="SocketParameterStore"/> here, <see cref="SocketParameterServer"/> there.</summary>
internal sealed class OwnExchange : IExchange
{
    private readonly IParameterStore _store;
    private long _step;

    /// <summary>Starts the server and brings it the model.</summary>
    /// <param name="isUnix">Over a Unix socket, not TCP.</param>
    /// <param name="staleness">0 for sync, -1 for async; with the one worker here they differ in what the server copies.</param>
    /// <param name="elements">Size of the model.</param>
    internal OwnExchange(bool isUnix, int staleness, int elements)
    {
        var policy = new UpdatePolicy(staleness, Workers: 1);
        var secret = RandomNumberGenerator.GetHexString(32);
        Name = $"{(isUnix ? "Unix socket" : "TCP")}, {policy.Mode}";
        Content = new ModelContent(elements);
        var address = isUnix ? $"unix:{Path.Combine(Path.GetTempPath(), $"taas-{RandomNumberGenerator.GetHexString(12)}.sock")}" : "127.0.0.1:0";
        Server = ParameterServerPeer.Start(address, server: 0, policy, secret);
        try
        {
            _store = new SocketParameterStore([Server.Hear()], 0, Content.Layout, Content.Values, ModelContent.Optimizer, policy, Options(secret));
            _store.Initialize(Content.InitialState());
            _store.Pull();
        }
        catch
        {
            _store?.Dispose();
            Server.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public ModelContent Content { get; }

    /// <inheritdoc/>
    public PeerProcess Server { get; }

    /// <summary>Limits of a measurement: long enough for a busy machine.</summary>
    internal static TransportOptions Options(string secret) => new() { Secret = secret, Silence = TimeSpan.FromSeconds(60), Barrier = TimeSpan.FromSeconds(60) };

    /// <inheritdoc/>
    public Task ExchangeAsync()
    {
        _store.Exchange(_step++, Content.Gradients);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _store.Leave();
        _store.Dispose();
        Server.Dispose();
    }
}
