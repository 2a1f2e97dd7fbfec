using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Processes;

namespace TaaS.Benchmarks.Distributed.Transport;

/// <summary>One way to push a model's gradients to a server in another process and pull what its update made of them.</summary>
internal interface IExchange : IDisposable
{
    /// <summary>How, in a word or two.</summary>
    string Name { get; }

    /// <summary>The model; its values are there when an exchange ends.</summary>
    ModelContent Content { get; }

    /// <summary>The server's process.</summary>
    PeerProcess Server { get; }

    /// <summary>Pushes all gradients and pulls all values. A peer that is asynchronous is awaited as it likes best.</summary>
    Task ExchangeAsync();
}
