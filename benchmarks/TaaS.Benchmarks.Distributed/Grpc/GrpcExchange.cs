using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Grpc.Net.Client;
using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Processes;
using TaaS.Benchmarks.Distributed.Transport;

namespace TaaS.Benchmarks.Distributed.Grpc;

/// <summary>The same exchange over one gRPC stream that stays open: pushes go out while answers come in, as in ours.</summary>
internal sealed class GrpcExchange : IExchange
{
    private readonly GrpcChannel _channel;
    private readonly AsyncDuplexStreamingCall<Slice, Slice> _call;
    private readonly Slice[] _pushes;

    /// <summary>Starts the server and connects.</summary>
    internal GrpcExchange(int elements)
    {
        Content = new ModelContent(elements);
        Server = GrpcPeer.Start(elements);
        _channel = GrpcChannel.ForAddress(Server.Hear(), new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { InitialHttp2StreamWindowSize = GrpcPeer.Window },
        });
        _call = new Parameters.ParametersClient(_channel).Exchange();

        // Later slices first, as the product sends them.
        _pushes = [.. Content.Layout.Slices.Reverse().Select(slice => new Slice
        {
            Index = slice.Index,
            Content = UnsafeByteOperations.UnsafeWrap(new HostMemory(UpdateCost.Window(Content.Gradients[slice.Parameter], slice.Offset, slice.Length)).Memory),
        })];
    }

    /// <inheritdoc/>
    public string Name => "gRPC stream";

    /// <inheritdoc/>
    public ModelContent Content { get; }

    /// <inheritdoc/>
    public PeerProcess Server { get; }

    /// <inheritdoc/>
    public async Task ExchangeAsync()
    {
        var pushing = PushAsync();
        for (var answer = 0; answer < _pushes.Length; answer++)
        {
            if (!await _call.ResponseStream.MoveNext(CancellationToken.None))
            {
                throw new BenchmarkException("the gRPC server ended the stream");
            }

            var fresh = _call.ResponseStream.Current;
            var slice = Content.Layout.Slices[fresh.Index];
            fresh.Content.Span.CopyTo(MemoryMarshal.AsBytes(Content.Values[slice.Parameter].Floats.Slice(slice.Offset, slice.Length)));
        }

        await pushing;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _call.Dispose();
        _channel.Dispose();
        Server.Dispose();
    }

    private async Task PushAsync()
    {
        foreach (var push in _pushes)
        {
            await _call.RequestStream.WriteAsync(push);
        }
    }
}
