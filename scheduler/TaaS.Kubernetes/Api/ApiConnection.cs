using System.Net.Http.Headers;
using k8s;
using k8s.Exceptions;

namespace TaaS.Kubernetes;

/// <summary>
/// The way to one API server: where it is, how to trust it, and who we are. Credentials that expired are read anew,
/// since whoever renews them writes them to the same kubeconfig or token file.
/// </summary>
public sealed class ApiConnection : IDisposable
{
    private readonly Func<KubernetesClientConfiguration> _load;
    private readonly Func<DelegatingHandler>? _handler;
    private readonly Lock _lock = new();
    private k8s.Kubernetes _client;

    private ApiConnection(Func<KubernetesClientConfiguration> load, Func<DelegatingHandler>? handler)
    {
        (_load, _handler) = (load, handler);
        var configuration = Load(load);
        Namespace = configuration.Namespace is { Length: > 0 } space ? space : "default";
        Host = configuration.Host;
        _client = Make(configuration);
    }

    /// <summary>Address of the server, for messages.</summary>
    public string Host { get; private set; }

    /// <summary>Namespace that the context or the pod names; <c>default</c> without one.</summary>
    public string Namespace { get; }

    /// <summary>Opens a connection as <c>kubectl</c> would: the file, or <c>KUBECONFIG</c>, or the pod's own account, or <c>~/.kube/config</c>.</summary>
    /// <param name="kubeconfig">Path of a kubeconfig; null looks where kubectl does.</param>
    /// <param name="context">Context in it; null takes the current one.</param>
    /// <param name="handler">Makes a handler that sees every request; null for none.</param>
    /// <exception cref="ApiConfigurationException">There is none, or it cannot be used.</exception>
    public static ApiConnection Open(string? kubeconfig = null, string? context = null, Func<DelegatingHandler>? handler = null) =>
        new(() => Find(kubeconfig, context), handler);

    /// <summary>Opens a connection by a configuration that is read again when credentials expire.</summary>
    public static ApiConnection Open(Func<KubernetesClientConfiguration> load, Func<DelegatingHandler>? handler = null) => new(load, handler);

    /// <summary>Reads the configuration again, as after a 401.</summary>
    /// <exception cref="ApiConfigurationException">It can no longer be used.</exception>
    public void Reload()
    {
        var configuration = Load(_load);
        lock (_lock)
        {
            // Requests under way still use the old one; it goes when they have ended.
            _client = Make(configuration);
            Host = configuration.Host;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Sends a request to a path below the server's root.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancel)
    {
        k8s.Kubernetes client;
        lock (_lock)
        {
            client = _client;
        }

        using var request = new HttpRequestMessage(method, new Uri(client.BaseUri, path))
        {
            Content = content,
            Version = System.Net.HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue("application/json"));
        if (client.Credentials is { } credentials)
        {
            await credentials.ProcessHttpRequestAsync(request, cancel).ConfigureAwait(false);
        }

        return await client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel).ConfigureAwait(false);
    }

    private k8s.Kubernetes Make(KubernetesClientConfiguration configuration)
    {
        try
        {
            return _handler is null ? new k8s.Kubernetes(configuration) : new k8s.Kubernetes(configuration, _handler());
        }
        catch (Exception error) when (error is KubeConfigException or KubernetesClientException or System.Security.Cryptography.CryptographicException)
        {
            throw new ApiConfigurationException($"the kubeconfig cannot be used: {error.Message}", error);
        }
    }

    private static KubernetesClientConfiguration Load(Func<KubernetesClientConfiguration> load)
    {
        try
        {
            return load();
        }
        catch (Exception error) when (error is KubeConfigException or KubernetesClientException or IOException or UnauthorizedAccessException or FormatException or YamlDotNet.Core.YamlException)
        {
            throw new ApiConfigurationException($"the kubeconfig cannot be used: {error.Message.ReplaceLineEndings(" ")}", error);
        }
    }

    private static KubernetesClientConfiguration Find(string? kubeconfig, string? context)
    {
        var file = kubeconfig ?? Environment.GetEnvironmentVariable("KUBECONFIG")?.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).FirstOrDefault();
        if (file is { Length: > 0 })
        {
            return File.Exists(file)
                ? KubernetesClientConfiguration.BuildConfigFromConfigFile(file, context)
                : throw new ApiConfigurationException($"there is no kubeconfig {file}; name one with --kubeconfig or KUBECONFIG");
        }

        if (KubernetesClientConfiguration.IsInCluster())
        {
            return KubernetesClientConfiguration.InClusterConfig();
        }

        return File.Exists(KubernetesClientConfiguration.KubeConfigDefaultLocation)
            ? KubernetesClientConfiguration.BuildConfigFromConfigFile(KubernetesClientConfiguration.KubeConfigDefaultLocation, context)
            : throw new ApiConfigurationException($"no cluster is known here: there is no kubeconfig {KubernetesClientConfiguration.KubeConfigDefaultLocation}, and this is no pod; name one with --kubeconfig or KUBECONFIG");
    }
}
