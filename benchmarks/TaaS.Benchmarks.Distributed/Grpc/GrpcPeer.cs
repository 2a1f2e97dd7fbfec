using System.Globalization;
using System.Runtime.InteropServices;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using TaaS.Benchmarks.Distributed.Content;
using TaaS.Benchmarks.Distributed.Processes;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;

namespace TaaS.Benchmarks.Distributed.Grpc;

/// <summary>A parameter server as one would write it with gRPC: the same slices, the same update kernel, Kestrel underneath.</summary>
internal static class GrpcPeer
{
    internal const string Kind = "grpc";

    /// <summary>Flow-control windows of both sides: as large as they may be, so that they are not what is measured.</summary>
    internal const int Window = 16 * 1024 * 1024;

    /// <summary>Starts one; the first line that it says is its address.</summary>
    internal static PeerProcess Start(int elements) => PeerProcess.Start([Kind, elements.ToString(CultureInfo.InvariantCulture)], secret: "");

    /// <summary>Is one, until the parent goes.</summary>
    internal static void Run(IReadOnlyList<string> arguments)
    {
        CpuDevice.Threads = 1;
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.InitialConnectionWindowSize = Window;
            kestrel.Limits.Http2.InitialStreamWindowSize = Window;
            kestrel.Limits.Http2.MaxFrameSize = Window - 1;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new ModelContent(int.Parse(arguments[0], CultureInfo.InvariantCulture)));
        using var app = builder.Build();
        app.MapGrpcService<GrpcParameters>();
        app.Start();
        PeerConversation.Hold(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
    }
}

/// <summary>Takes gradients, updates, gives values back, slice by slice.</summary>
internal sealed class GrpcParameters(ModelContent model) : Parameters.ParametersBase
{
    private readonly View _inbox = new(
        CpuDevice.Instance.Allocate(DType.Float32, model.Layout.Slices.Max(slice => slice.Length), zeroed: true),
        new Shape(model.Layout.Slices.Max(slice => slice.Length)));

    public override async Task Exchange(IAsyncStreamReader<Slice> requestStream, IServerStreamWriter<Slice> responseStream, ServerCallContext context)
    {
        View[] values = [.. model.Layout.Slices.Select(slice => UpdateCost.Window(model.Values[slice.Parameter], slice.Offset, slice.Length))];
        Slice[] answers = [.. values.Select((value, index) => new Slice { Index = index, Content = UnsafeByteOperations.UnsafeWrap(new HostMemory(value).Memory) })];
        while (await requestStream.MoveNext(context.CancellationToken))
        {
            var push = requestStream.Current;
            var gradient = UpdateCost.Window(_inbox, 0, model.Layout.Slices[push.Index].Length);
            push.Content.Span.CopyTo(MemoryMarshal.AsBytes(gradient.Floats));
            CpuDevice.Instance.Optimizer.Update(new ParameterUpdate(values[push.Index], gradient), ModelContent.Rule);
            await responseStream.WriteAsync(answers[push.Index], context.CancellationToken);
        }
    }
}
