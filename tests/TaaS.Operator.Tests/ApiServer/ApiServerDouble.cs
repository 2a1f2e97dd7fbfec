using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace TaaS.Operator.Tests.ApiServer;

/// <summary>An API server within the test: real HTTP, and the real one's semantics as far as an operator can tell.</summary>
internal sealed class ApiServerDouble : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly RequestHandler _handler;
    private readonly ConcurrentQueue<string> _log = new();
    private readonly ConcurrentDictionary<string, int> _watched = new();
    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenSource _watches = new();
    private int _requests;

    private ApiServerDouble(WebApplication app, TimeProvider time)
    {
        _app = app;
        Lifecycle = new Lifecycle(Database, time);
        _handler = new RequestHandler(Database, Lifecycle, time);
        Logs = new PodLogs(Database);
        foreach (var name in (string[])["default", "kube-system"])
        {
            Lifecycle.Create(ApiResource.BuiltIn[0], null, new JsonObject { ["metadata"] = new JsonObject { ["name"] = name } }, "double");
        }
    }

    public Database Database { get; } = new();

    public Lifecycle Lifecycle { get; }

    public Faults Faults { get; } = new();

    public PodLogs Logs { get; }

    /// <summary>How often watches send a bookmark.</summary>
    public TimeSpan BookmarkInterval { get; set; } = TimeSpan.FromSeconds(1);

    public string Url { get; private set; } = "";

    /// <summary>How many watches of a path have been opened.</summary>
    public int Watches(string path) => _watched.GetValueOrDefault(path);

    /// <summary>Every request so far that is no watch, such as <c>POST /api/v1/namespaces/default/pods</c>.</summary>
    public IReadOnlyCollection<string> Log => _log;

    public static async Task<ApiServerDouble> StartAsync(TimeProvider? time = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static options => options.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.Configure<Microsoft.Extensions.Hosting.HostOptions>(static options => options.ShutdownTimeout = TimeSpan.FromSeconds(1));
        var app = builder.Build();
        var server = new ApiServerDouble(app, time ?? TimeProvider.System);
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        server.Url = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return server;
    }

    public KubernetesClientConfiguration Configuration => new() { Host = Url, AccessToken = Faults.Token };

    /// <summary>Ends all watches, as when a load balancer drops connections.</summary>
    public void DropWatches()
    {
        var watches = Interlocked.Exchange(ref _watches, new CancellationTokenSource());
        watches.Cancel();
    }

    /// <summary>Writes a kubeconfig for command-line tools.</summary>
    public string WriteKubeconfig(string folder)
    {
        var path = Path.Combine(folder, "kubeconfig");
        var config = new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Config",
            ["clusters"] = new JsonArray(new JsonObject { ["name"] = "double", ["cluster"] = new JsonObject { ["server"] = Url } }),
            ["users"] = new JsonArray(new JsonObject { ["name"] = "tester", ["user"] = new JsonObject { ["token"] = Faults.Token ?? "none" } }),
            ["contexts"] = new JsonArray(new JsonObject { ["name"] = "double", ["context"] = new JsonObject { ["cluster"] = "double", ["user"] = "tester", ["namespace"] = "default" } }),
            ["current-context"] = "double",
        };
        File.WriteAllText(path, config.ToJsonString());
        return path;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        DropWatches();
        await _app.StopAsync();
        await _app.DisposeAsync();
        _stop.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var info = new RequestInfo(Interlocked.Increment(ref _requests), context.Request.Method, context.Request.Path.Value ?? "", context.Request.QueryString.Value ?? "");
        if (Faults.IsDown)
        {
            context.Abort();
            return;
        }

        if (info.IsWatch)
        {
            _watched.AddOrUpdate(info.Path, 1, static (_, count) => count + 1);
        }
        else
        {
            _log.Enqueue($"{info.Method} {info.Path}");
        }

        var fault = Faults.Plan?.Invoke(info);
        if (fault is Fault.Wait wait)
        {
            await wait.Until.WaitAsync(context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        switch (fault)
        {
            case Fault.Break { IsAfter: false }:
                context.Abort();
                return;
            case Fault.Answer { IsAfter: false } answer:
                await WriteAsync(context, answer.Code, new ApiError(answer.Code, answer.Reason, "injected").ToStatus());
                return;
            default:
                break;
        }

        if (Faults.Token is { } token && context.Request.Headers.Authorization != $"Bearer {token}")
        {
            await WriteAsync(context, 401, new ApiError(401, "Unauthorized", "Unauthorized").ToStatus());
            return;
        }

        await CarryOutAsync(context, info, fault);
    }

    private async Task CarryOutAsync(HttpContext context, RequestInfo info, Fault? fault)
    {
        try
        {
            if (info.IsWatch && _handler.Watch(context.Request) is { } watch)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, _watches.Token, context.RequestAborted);
                await watch.SendAsync(context.Response, Faults, BookmarkInterval, either.Token);
                return;
            }

            if (info.Path == "/openapi/v2" && context.Request.Headers.Accept.ToString().Contains("protobuf", StringComparison.Ordinal))
            {
                // An empty document: kubectl leaves validation to the server.
                context.Response.ContentType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
                return;
            }

            if (Logs.Find(context.Request) is { } pod)
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, context.RequestAborted);
                await Logs.SendAsync(pod, context, either.Token);
                return;
            }

            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            var (code, answer) = _handler.Answer(context.Request, body);
            switch (fault)
            {
                case Fault.Break { IsAfter: true }:
                    context.Abort();
                    return;
                case Fault.Answer { IsAfter: true } failed:
                    await WriteAsync(context, failed.Code, new ApiError(failed.Code, failed.Reason, "injected").ToStatus());
                    return;
                default:
                    await WriteAsync(context, code, answer);
                    return;
            }
        }
        catch (ApiError error)
        {
            await WriteAsync(context, error.Code, error.ToStatus());
        }
        catch (JsonException error)
        {
            await WriteAsync(context, 400, ApiError.BadRequest(error.Message).ToStatus());
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            context.Abort();
        }
    }

    private static async Task WriteAsync(HttpContext context, int code, JsonNode answer)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync(answer.ToJsonString(), context.RequestAborted);
    }
}
