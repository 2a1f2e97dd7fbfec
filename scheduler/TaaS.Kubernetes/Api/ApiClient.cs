using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace TaaS.Kubernetes;

/// <summary>What can be asked of an API server, for any kind in the same way. Every failure is an <see cref="ApiException"/> that says what was asked.</summary>
public sealed class ApiClient
{
    /// <summary>Deepest nesting that an API server takes. One object that we could not read would hide all of its kind.</summary>
    internal const int MaxDepth = 10_000;

    private const int PageSize = 500;

    private readonly ApiConnection _connection;

    static ApiClient() => KubernetesJson.AddJsonOptions(static options =>
    {
        options.MaxDepth = MaxDepth;
        options.Converters.Add(new ManagedFieldsConverter());
    });

    /// <summary>Asks over a connection.</summary>
    public ApiClient(ApiConnection connection) => _connection = connection;

    /// <summary>The connection.</summary>
    public ApiConnection Connection => _connection;

    /// <summary>How long an answer may take; watches and logs are not meant. Default 30 s.</summary>
    public TimeSpan TimeLimit { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Reads an object.</summary>
    public Task<T> GetAsync<T>(ResourceKind<T> kind, string? space, string name, CancellationToken cancel)
        where T : IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Get, kind.Path(space, name), null, $"get {kind.FullName} {name}", cancel);

    /// <summary>Reads an object; null where there is none.</summary>
    public async Task<T?> FindAsync<T>(ResourceKind<T> kind, string? space, string name, CancellationToken cancel)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await GetAsync(kind, space, name, cancel).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Failure == ApiFailure.NotFound)
        {
            return null;
        }
    }

    /// <summary>Reads all objects of a kind, page by page.</summary>
    /// <param name="kind">Which kind.</param>
    /// <param name="space">Namespace; null for all.</param>
    /// <param name="labelSelector">Labels they carry; null for any.</param>
    /// <param name="fieldSelector">Fields they have; null for any.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<ObjectList<T>> ListAsync<T>(ResourceKind<T> kind, string? space, string? labelSelector = null, string? fieldSelector = null, CancellationToken cancel = default)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var items = new List<T>();
        string? next = null;
        var limit = PageSize;
        while (true)
        {
            try
            {
                var query = Query(("limit", limit > 0 ? limit.ToString(System.Globalization.CultureInfo.InvariantCulture) : null), ("continue", next), ("labelSelector", labelSelector), ("fieldSelector", fieldSelector));
                var page = await SendAsync<ObjectList<T>>(HttpMethod.Get, kind.Path(space) + query, null, $"list {kind.FullName}", cancel).ConfigureAwait(false);
                items.AddRange(page.Items);
                next = page.Metadata.ContinueProperty;
                if (string.IsNullOrEmpty(next))
                {
                    return new ObjectList<T> { Metadata = page.Metadata, Items = items };
                }
            }
            catch (ApiException error) when (error.Failure == ApiFailure.Gone && next is not null)
            {
                // The first page's version is no longer kept: all at once, from now.
                items.Clear();
                (next, limit) = (null, 0);
            }
        }
    }

    /// <summary>Changes after a version, as they come; ends when the server ends it.</summary>
    /// <param name="kind">Which kind.</param>
    /// <param name="space">Namespace; null for all.</param>
    /// <param name="resourceVersion">Version to go on from.</param>
    /// <param name="timeLimit">When the server shall end it.</param>
    /// <param name="labelSelector">Labels the objects carry; null for any.</param>
    /// <param name="fieldSelector">Fields they have; null for any.</param>
    /// <param name="opened">Told when the server has taken it, which may be long before the first change.</param>
    /// <param name="cancel">Ends it.</param>
    /// <exception cref="ApiException">With <see cref="ApiFailure.Gone"/> the version is no longer kept: list again.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(
        ResourceKind<T> kind,
        string? space,
        string? resourceVersion,
        TimeSpan timeLimit,
        string? labelSelector = null,
        string? fieldSelector = null,
        Action? opened = null,
        [EnumeratorCancellation] CancellationToken cancel = default)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var what = $"watch {kind.FullName}";
        var query = Query(
            ("watch", "true"),
            ("allowWatchBookmarks", "true"),
            ("resourceVersion", resourceVersion),
            ("timeoutSeconds", ((int)timeLimit.TotalSeconds).ToString(System.Globalization.CultureInfo.InvariantCulture)),
            ("labelSelector", labelSelector),
            ("fieldSelector", fieldSelector));
        using var response = await RawAsync(HttpMethod.Get, kind.Path(space) + query, null, what, cancel).ConfigureAwait(false);
        opened?.Invoke();
        await foreach (var line in WatchLines.ReadAsync(await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false), what, cancel).ConfigureAwait(false))
        {
            yield return WatchEvent<T>.Parse(line, what);
        }
    }

    /// <summary>Makes an object.</summary>
    public Task<T> CreateAsync<T>(ResourceKind<T> kind, T item, CancellationToken cancel, bool isDryRun = false)
        where T : IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Post, kind.Path(item.Metadata.NamespaceProperty) + (isDryRun ? "?dryRun=All" : ""), Body(item), $"create {kind.FullName} {item.Metadata.Name}", cancel);

    /// <summary>Puts an object in the place of the one of the same name; it carries the version that was read.</summary>
    public Task<T> ReplaceAsync<T>(ResourceKind<T> kind, T item, CancellationToken cancel, string? subresource = null)
        where T : IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Put, kind.Path(item.Metadata.NamespaceProperty, item.Metadata.Name, subresource), Body(item), $"update {kind.FullName} {item.Metadata.Name}", cancel);

    /// <summary>Changes some fields of an object (RFC 7396). A <c>metadata.resourceVersion</c> or <c>metadata.uid</c> in the patch must hold, or it is a conflict.</summary>
    public Task<T> PatchAsync<T>(ResourceKind<T> kind, string? space, string name, JsonNode patch, CancellationToken cancel, string? subresource = null)
        where T : IKubernetesObject<V1ObjectMeta> =>
        SendAsync<T>(HttpMethod.Patch, kind.Path(space, name, subresource), new StringContent(patch.ToJsonString(), Encoding.UTF8, "application/merge-patch+json"), $"patch {kind.FullName} {name}", cancel);

    /// <summary>Deletes an object, if it is still the one that was meant.</summary>
    /// <param name="kind">Which kind.</param>
    /// <param name="space">Namespace.</param>
    /// <param name="name">Name.</param>
    /// <param name="uid">Identity it must have; null for any.</param>
    /// <param name="cancel">Gives up.</param>
    /// <param name="gracePeriodSeconds">Seconds a pod has to end in; null leaves it to the pod.</param>
    public async Task DeleteAsync<T>(ResourceKind<T> kind, string? space, string name, string? uid, CancellationToken cancel, long? gracePeriodSeconds = null)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var options = new V1DeleteOptions
        {
            PropagationPolicy = "Background",
            Preconditions = uid is null ? null : new V1Preconditions { Uid = uid },
            GracePeriodSeconds = gracePeriodSeconds,
        };
        using var response = await LimitedAsync(HttpMethod.Delete, kind.Path(space, name), Body(options), $"delete {kind.FullName} {name}", cancel).ConfigureAwait(false);
    }

    /// <summary>Gives a pod its node, if it is still the pod that was meant and has none.</summary>
    public async Task BindAsync(V1Pod pod, string node, CancellationToken cancel)
    {
        var binding = new V1Binding
        {
            ApiVersion = "v1",
            Kind = "Binding",
            Metadata = new V1ObjectMeta { Name = pod.Metadata.Name, NamespaceProperty = pod.Metadata.NamespaceProperty, Uid = pod.Metadata.Uid },
            Target = new V1ObjectReference { ApiVersion = "v1", Kind = "Node", Name = node },
        };
        var path = ResourceKinds.Pods.Path(pod.Metadata.NamespaceProperty, pod.Metadata.Name, "binding");
        using var response = await LimitedAsync(HttpMethod.Post, path, Body(binding), $"bind pod {pod.Metadata.Name} to {node}", cancel).ConfigureAwait(false);
    }

    /// <summary>A pod's log, as it comes.</summary>
    /// <param name="space">Namespace.</param>
    /// <param name="pod">Name of the pod.</param>
    /// <param name="follow">True goes on until the container ends.</param>
    /// <param name="tailLines">Only so many lines from the end; null for all.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<StreamReader> LogsAsync(string space, string pod, bool follow, int? tailLines, CancellationToken cancel)
    {
        var query = Query(("follow", follow ? "true" : null), ("tailLines", tailLines?.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        var response = await RawAsync(HttpMethod.Get, ResourceKinds.Pods.Path(space, pod, "log") + query, null, $"logs of pod {pod}", cancel).ConfigureAwait(false);
        return new StreamReader(await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false), Encoding.UTF8);
    }

    /// <summary>Version of the server, such as <c>v1.26.0</c>.</summary>
    public async Task<string> VersionAsync(CancellationToken cancel)
    {
        var version = await SendAsync<JsonNode>(HttpMethod.Get, "version", null, "get version", cancel).ConfigureAwait(false);
        return version["gitVersion"]?.GetValue<string>() ?? "unknown";
    }

    private async Task<T> SendAsync<T>(HttpMethod method, string path, HttpContent? content, string what, CancellationToken cancel)
    {
        using var response = await LimitedAsync(method, path, content, what, cancel).ConfigureAwait(false);
        try
        {
            using var stream = await response.Content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
            return KubernetesJson.Deserialize<T>(stream) ?? throw new JsonException("it is empty");
        }
        catch (JsonException error)
        {
            throw new ApiException(ApiFailure.Transient, $"{what}: the answer is not as expected: {error.Message}", error);
        }
    }

    /// <summary>Sends, and has the whole answer within the time limit.</summary>
    private async Task<HttpResponseMessage> LimitedAsync(HttpMethod method, string path, HttpContent? content, string what, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeLimit);
        try
        {
            var response = await RawAsync(method, path, content, what, limit.Token).ConfigureAwait(false);
            await response.Content.LoadIntoBufferAsync(limit.Token).ConfigureAwait(false);
            return response;
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            throw new ApiException(ApiFailure.Transient, $"{what}: the answer broke off: {error.Message}", error);
        }
        catch (OperationCanceledException error) when (!cancel.IsCancellationRequested)
        {
            throw new ApiException(ApiFailure.Transient, $"{what}: {_connection.Host} gave no answer within {TimeLimit.TotalSeconds:0} s", error);
        }
    }

    private async Task<HttpResponseMessage> RawAsync(HttpMethod method, string path, HttpContent? content, string what, CancellationToken cancel)
    {
        HttpResponseMessage response;
        try
        {
            response = await _connection.SendAsync(method, path, content, cancel).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            throw new ApiException(ApiFailure.Transient, $"{what}: {_connection.Host} does not answer: {error.InnerException?.Message ?? error.Message}", error);
        }
        catch (Exception error) when (error is k8s.Exceptions.KubeConfigException or k8s.Exceptions.KubernetesClientException or HttpOperationException)
        {
            throw new ApiException(ApiFailure.Unauthorized, $"{what}: no credentials: {error.Message}", error);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await ApiException.FromAsync(response, what, cancel).ConfigureAwait(false);
        }
    }

    private static StringContent Body<T>(T value) => new(KubernetesJson.Serialize(value), Encoding.UTF8, "application/json");

    private static string Query(params (string Name, string? Value)[] fields)
    {
        var query = string.Join('&', fields.Where(static field => !string.IsNullOrEmpty(field.Value)).Select(static field => $"{field.Name}={Uri.EscapeDataString(field.Value!)}"));
        return query.Length > 0 ? $"?{query}" : "";
    }
}
