using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>The admission webhook: HTTPS with the operator's own certificate, whose authority it writes into the webhook configurations.</summary>
internal sealed class AdmissionServer : IAsyncDisposable
{
    /// <summary>The API server takes no longer an object than etcd does.</summary>
    private const int MostBytes = 4 * 1024 * 1024;

    /// <summary>The reader, not the parser, is to say what is nested too deep.</summary>
    private const int MostDepth = 10_100;

    private static readonly TimeSpan RetryPause = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ConflictPause = TimeSpan.FromMilliseconds(200);

    private readonly WebApplication _app;
    private readonly CancellationTokenSource _stop = new();
    private Task _announcing = Task.CompletedTask;

    private AdmissionServer(WebApplication app, byte[] stampKey) => (_app, StampKey) = (app, stampKey);

    /// <summary>What jobs are stamped with.</summary>
    public byte[] StampKey { get; }

    /// <summary>Where it listens.</summary>
    public string Address => _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    /// <summary>Obtains the certificate, listens, and keeps the configurations' authority true.</summary>
    /// <exception cref="ApiException">The certificate's Secret can neither be read nor made.</exception>
    public static async Task<AdmissionServer> StartAsync(OperatorOptions options, ApiClient client, OperatorLog log, TimeProvider time, CancellationToken cancel)
    {
        var space = options.OwnNamespace ?? client.Connection.Namespace;
        var certificate = await WebhookCertificate.ObtainAsync(client, space, options.WebhookService, time.GetUtcNow(), cancel).ConfigureAwait(false);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = MostBytes;
            kestrel.ListenAnyIP(options.WebhookPort, listen => listen.UseHttps(certificate.Certificate));
        });
        var app = builder.Build();
        app.MapPost("/mutate", context => AnswerAsync(context, review => AdmissionReview.Mutate(review, certificate.StampKey, time.GetUtcNow())));
        app.MapPost("/validate", context => AnswerAsync(context, AdmissionReview.Validate));
        await app.StartAsync(cancel).ConfigureAwait(false);
        var server = new AdmissionServer(app, certificate.StampKey);
        server._announcing = AnnounceAsync(options, client, certificate.Authority, log, time, server._stop.Token);
        return server;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _announcing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _app.StopAsync().ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private static async Task AnswerAsync(HttpContext context, Func<JsonElement, JsonObject> answer)
    {
        try
        {
            using var review = await JsonDocument.ParseAsync(context.Request.Body, new JsonDocumentOptions { MaxDepth = MostDepth }, context.RequestAborted).ConfigureAwait(false);
            var response = answer(review.RootElement).ToJsonString();
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(response, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsync($"expected an AdmissionReview of admission.k8s.io/v1: {error.Message}\n", context.RequestAborted).ConfigureAwait(false);
        }
    }

    /// <summary>Whoever installs the configurations anew, as <c>kubectl apply</c> does, takes the authority out again: it is put back.</summary>
    private static async Task AnnounceAsync(OperatorOptions options, ApiClient client, byte[] authority, OperatorLog log, TimeProvider time, CancellationToken cancel)
    {
        string? last = null;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await PutAsync(ResourceKinds.MutatingWebhooks, static item => item.Webhooks?.Select(static webhook => webhook.ClientConfig)).ConfigureAwait(false);
                await PutAsync(ResourceKinds.ValidatingWebhooks, static item => item.Webhooks?.Select(static webhook => webhook.ClientConfig)).ConfigureAwait(false);
                last = null;
            }
            catch (ApiException error) when (error.Failure == ApiFailure.Conflict)
            {
                // Another replica that starts as well was first: what is there now is looked at soon.
                await Task.Delay(ConflictPause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                continue;
            }
            catch (ApiException error)
            {
                if (error.Message != last)
                {
                    log.WebhookFailed(error.Message);
                    last = error.Message;
                }
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(RetryPause, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task PutAsync<T>(ResourceKind<T> kind, Func<T, IEnumerable<Admissionregistrationv1WebhookClientConfig>?> clients)
            where T : class, IKubernetesObject<V1ObjectMeta>
        {
            if (await client.FindAsync(kind, null, options.WebhookConfiguration, cancel).ConfigureAwait(false) is not { } item)
            {
                return;
            }

            var stale = (clients(item) ?? []).Where(config => config.CaBundle is null || !config.CaBundle.AsSpan().SequenceEqual(authority)).ToList();
            stale.ForEach(config => config.CaBundle = authority);
            if (stale.Count > 0)
            {
                // A merge patch has lists whole; the version says that nobody has changed them meanwhile.
                var changed = JsonNode.Parse(KubernetesJson.Serialize(item))!;
                var patch = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = item.Metadata.ResourceVersion },
                    ["webhooks"] = changed["webhooks"]!.DeepClone(),
                };
                await client.PatchAsync(kind, null, options.WebhookConfiguration, patch, cancel).ConfigureAwait(false);
            }
        }
    }
}
