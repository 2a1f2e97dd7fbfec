using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Prometheus;
using TaaS.Jobs;

namespace TaaS.Runtime.Observability;

/// <summary>
/// A role's HTTP endpoint: <c>/metrics</c> for Prometheus, <c>/healthz</c> (the process lives), <c>/readyz</c> (it can do its part).
/// Read-only, and without secrets.
/// </summary>
internal sealed class RoleEndpoint : IDisposable
{
    private const int Attempts = 20;

    private readonly HttpListener _listener;
    private readonly CollectorRegistry _registry;
    private readonly Func<string?> _whyNotReady;

    /// <summary>Listens at once.</summary>
    /// <param name="address"><c>host:port</c>; port 0 picks a free one; the host <c>0.0.0.0</c> or <c>*</c> takes every address of this machine.</param>
    /// <param name="registry">Metrics to show.</param>
    /// <param name="whyNotReady">Says what is missing before the role can do its part; null when nothing is.</param>
    /// <exception cref="TrainingException">The address makes no sense, is taken, or is not of this machine.</exception>
    public RoleEndpoint(string address, CollectorRegistry registry, Func<string?> whyNotReady)
    {
        (_registry, _whyNotReady) = (registry, whyNotReady);
        (_listener, Address) = Listen(address);
        _ = ServeAsync();
    }

    /// <summary>Where it listens, with the port that was picked.</summary>
    public string Address { get; }

    /// <inheritdoc/>
    public void Dispose() => _listener.Close();

    private static (HttpListener Listener, string Address) Listen(string address)
    {
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(address.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            throw new TrainingException($"{RoleVariables.Http}: expected host:port, such as 0.0.0.0:9090 or 127.0.0.1:0, got '{address}'");
        }

        var host = address[..colon];
        for (var attempt = 1; ; attempt++)
        {
            // The listener itself knows no port 0; another program may take the port between the look and the listening.
            var picked = port == 0 ? FindPort() : port;
            var listener = new HttpListener();
            try
            {
                listener.Prefixes.Add(string.Create(CultureInfo.InvariantCulture, $"http://{(host is "0.0.0.0" or "*" or "[::]" ? "+" : host)}:{picked}/"));
                listener.Start();
                return (listener, string.Create(CultureInfo.InvariantCulture, $"{host}:{picked}"));
            }
            catch (Exception error) when (error is HttpListenerException or SocketException or ArgumentException)
            {
                listener.Close();
                if (port != 0 || attempt == Attempts)
                {
                    throw new TrainingException($"{RoleVariables.Http}: cannot listen on {address}: {error.Message}; choose another address, or leave the variable out for no endpoint", error);
                }
            }
        }
    }

    private static ushort FindPort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return (ushort)((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Closed.
                return;
            }

            // A client that reads slowly holds up nobody else.
            _ = AnswerAsync(context);
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        try
        {
            var (status, type, body) = await ComposeAsync(context.Request);
            var response = context.Response;
            response.StatusCode = status;
            response.ContentType = type;
            response.ContentLength64 = body.Length;
            if (context.Request.HttpMethod != "HEAD")
            {
                await response.OutputStream.WriteAsync(body);
            }

            response.Close();
        }
        catch (Exception error) when (error is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException)
        {
            // The client hung up, or this endpoint closed.
            context.Response.Abort();
        }
    }

    private async Task<(int Status, string Type, ReadOnlyMemory<byte> Body)> ComposeAsync(HttpListenerRequest request)
    {
        if (request.HttpMethod is not ("GET" or "HEAD"))
        {
            return Text(HttpStatusCode.MethodNotAllowed, "only GET and HEAD are answered here");
        }

        switch (request.Url?.AbsolutePath)
        {
            case "/metrics":
                var metrics = new MemoryStream();
                await _registry.CollectAndExportAsTextAsync(metrics, ExpositionFormat.PrometheusText);
                return ((int)HttpStatusCode.OK, PrometheusConstants.TextContentTypeWithVersionAndEncoding, metrics.ToArray());
            case "/healthz":
                return Text(HttpStatusCode.OK, "ok");
            case "/readyz":
                return _whyNotReady() is { } reason ? Text(HttpStatusCode.ServiceUnavailable, reason) : Text(HttpStatusCode.OK, "ready");
            default:
                return Text(HttpStatusCode.NotFound, "here are /metrics, /healthz and /readyz");
        }
    }

    private static (int Status, string Type, ReadOnlyMemory<byte> Body) Text(HttpStatusCode status, string text) =>
        ((int)status, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text + "\n"));
}
