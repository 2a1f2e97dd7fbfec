using k8s;
using k8s.Models;

namespace TaaS.Kubernetes;

/// <summary>
/// Keeps an <see cref="ObjectStore{T}"/> true: lists, then watches with bookmarks, lists again when its version is no longer kept,
/// and starts a watch anew that has fallen silent.
/// </summary>
/// <typeparam name="T">Type of the objects.</typeparam>
public sealed class Informer<T>
    where T : class, IKubernetesObject<V1ObjectMeta>
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    private readonly ApiClient _client;
    private readonly ResourceKind<T> _kind;
    private readonly string? _space;
    private readonly TimeProvider _time;
    private readonly TaskCompletionSource _synced = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ApiException? _trouble;

    /// <summary>Makes one that does nothing before <see cref="RunAsync"/>.</summary>
    /// <param name="client">The server.</param>
    /// <param name="kind">Which kind.</param>
    /// <param name="space">Namespace; null for all.</param>
    /// <param name="time">Clock of pauses and of the watchdog.</param>
    public Informer(ApiClient client, ResourceKind<T> kind, string? space, TimeProvider time) =>
        (_client, _kind, _space, _time) = (client, kind, space, time);

    /// <summary>Labels of the objects; null for all.</summary>
    public string? LabelSelector { get; init; }

    /// <summary>Fields of the objects; null for all.</summary>
    public string? FieldSelector { get; init; }

    /// <summary>A watch that tells nothing for so long, not even a bookmark, is taken for dead. Servers send bookmarks once a minute. Default 3 min.</summary>
    public TimeSpan SilenceLimit { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>A watch is asked for no longer than this. Default 9 min.</summary>
    public TimeSpan WatchLimit { get; init; } = TimeSpan.FromMinutes(9);

    /// <summary>What is known.</summary>
    public ObjectStore<T> Store { get; } = new();

    /// <summary>Done when the first list is in.</summary>
    public Task Synced => _synced.Task;

    /// <summary>Why the store may be behind; null while all is well.</summary>
    public ApiException? Trouble => _trouble;

    /// <summary>Told when a list or watch fails, and with null when it works again.</summary>
    public event Action<ApiException?>? TroubleChanged;

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        string? version = null;
        var pause = FirstPause;
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                if (version is null)
                {
                    var list = await _client.ListAsync(_kind, _space, LabelSelector, FieldSelector, cancel).ConfigureAwait(false);
                    Store.Replace([.. list.Items], list.Metadata.ResourceVersion);
                    version = list.Metadata.ResourceVersion;
                    Report(null);
                    _synced.TrySetResult();
                }

                var from = version;
                await WatchAsync(reached => (version, pause) = (reached, FirstPause), version, cancel).ConfigureAwait(false);
                if (version == from)
                {
                    // A server that ends watches at once is not asked again at once.
                    await Task.Delay(pause, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException error)
            {
                if (error.Failure == ApiFailure.Gone)
                {
                    version = null;
                }
                else
                {
                    Report(error);
                    Renew(error);
                }

                await Task.Delay(error.RetryAfter ?? pause, _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task WatchAsync(Action<string> reached, string? version, CancellationToken cancel)
    {
        using var watchdog = new CancellationTokenSource(SilenceLimit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, watchdog.Token);
        try
        {
            await foreach (var change in _client.WatchAsync(_kind, _space, version, WatchLimit, LabelSelector, FieldSelector, () => Report(null), either.Token).ConfigureAwait(false))
            {
                watchdog.CancelAfter(SilenceLimit);
                if (change.Kind == WatchEventKind.Deleted)
                {
                    Store.Remove(change.Item.Metadata.Uid);
                }
                else if (change.Kind != WatchEventKind.Bookmark)
                {
                    Store.Apply(change.Item);
                }

                reached(change.Item.Metadata.ResourceVersion);
            }
        }
        catch (OperationCanceledException) when (watchdog.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            // Silent for too long: the next turn goes on from the last version.
        }
    }

    private void Renew(ApiException error)
    {
        if (error.Failure != ApiFailure.Unauthorized)
        {
            return;
        }

        try
        {
            _client.Connection.Reload();
        }
        catch (ApiConfigurationException unusable)
        {
            Report(new ApiException(ApiFailure.Unauthorized, unusable.Message, unusable));
        }
    }

    private void Report(ApiException? trouble)
    {
        var before = _trouble;
        _trouble = trouble;
        if (before?.Message != trouble?.Message)
        {
            TroubleChanged?.Invoke(trouble);
        }
    }
}
