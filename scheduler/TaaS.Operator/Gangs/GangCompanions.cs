using System.Collections.Concurrent;
using System.Text;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>What a gang has beside its pods: the Secret that they mount, and the Service that names them.</summary>
internal sealed class GangCompanions
{
    /// <summary>
    /// How long pods may take to get their addresses before their Service is made. One that is there first has its endpoints written anew
    /// with almost every address, which costs a cluster as much as a third of making the pods.
    /// </summary>
    private static readonly TimeSpan AddressPatience = TimeSpan.FromSeconds(1);

    private readonly ApiClient _client;
    private readonly ClusterCache _cache;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _boundSince = new(StringComparer.Ordinal);

    public GangCompanions(ApiClient client, ClusterCache cache, TimeProvider time) => (_client, _cache, _time) = (client, cache, time);

    /// <summary>What pods need before they start: the Secret that they mount, and a name for the Service that nobody else has.</summary>
    public async Task PrepareAsync(GangView view, TrainingJob job, ConcurrentBag<string> trouble, CancellationToken cancel)
    {
        if (view.AllPods.Count > 0)
        {
            return;
        }

        if (MissingService(view) is { } service && await _client.FindAsync(ResourceKinds.Services, view.Space, view.Name, cancel).ConfigureAwait(false) is { } there && !there.Metadata.BelongsTo(view.Uid))
        {
            trouble.Add(Taken(service));
            return;
        }

        // Secrets are not watched: the right to read all of them would be more than is needed.
        var wanted = GangObjects.Secret(view.Resource, job);
        if (await EnsureAsync(view, ResourceKinds.Secrets, wanted, trouble, cancel).ConfigureAwait(false) is { } secret)
        {
            await RenewJobAsync(secret, job, cancel).ConfigureAwait(false);
        }
    }

    /// <summary>Makes the Service, if it is time.</summary>
    /// <returns>When to look again; null where nothing is left to do.</returns>
    public async Task<TimeSpan?> CompleteAsync(GangView view, ConcurrentBag<string> trouble, CancellationToken cancel)
    {
        if (MissingService(view) is not { } service)
        {
            return null;
        }

        var left = _boundSince.GetOrAdd(view.Uid, _time.GetUtcNow()) + AddressPatience - _time.GetUtcNow();
        if (left > TimeSpan.Zero && view.Status.Placement.Any(place => view.Pod(place)?.Status?.PodIP is not { Length: > 0 }))
        {
            return left;
        }

        if (await EnsureAsync(view, ResourceKinds.Services, service, trouble, cancel).ConfigureAwait(false) is { } made)
        {
            _cache.Services.Store.Apply(made);
            Forget(view.Uid);
        }

        return null;
    }

    /// <summary>The job holds no placement or is gone: nothing of it is awaited.</summary>
    public void Forget(string uid) => _boundSince.TryRemove(uid, out _);

    /// <summary>Says that another has the name.</summary>
    public static string Taken(IKubernetesObject<V1ObjectMeta> wanted) =>
        $"there is a {wanted.Kind} {wanted.Metadata.Name} that is not this job's; delete it or rename the job";

    private V1Service? MissingService(GangView view) =>
        _cache.Services.Store.Find(view.Space, view.Name) is { } known && known.Metadata.BelongsTo(view.Uid) ? null : GangObjects.Service(view.Resource);

    /// <summary>Makes an object that belongs to the job.</summary>
    /// <returns>The object as it is; null where it cannot be had, and the trouble says why.</returns>
    private async Task<T?> EnsureAsync<T>(GangView view, ResourceKind<T> kind, T wanted, ConcurrentBag<string> trouble, CancellationToken cancel)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await _client.CreateAsync(kind, wanted, cancel).ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Failure == ApiFailure.AlreadyExists)
        {
            var there = await _client.FindAsync(kind, view.Space, wanted.Metadata.Name, cancel).ConfigureAwait(false);
            if (there is not null && !there.Metadata.BelongsTo(view.Uid))
            {
                trouble.Add(Taken(wanted));
                return null;
            }

            return there;
        }
        catch (ApiException error) when (error.Failure is ApiFailure.Invalid or ApiFailure.Forbidden)
        {
            trouble.Add(error.Message);
            return null;
        }
    }

    // The owner may have changed the job while it was held back.
    private async Task RenewJobAsync(V1Secret secret, TrainingJob job, CancellationToken cancel)
    {
        var text = Encoding.UTF8.GetBytes(job.ToYaml());
        if (secret.Data is null || !secret.Data.TryGetValue(GangObjects.JobKey, out var kept) || !kept.AsSpan().SequenceEqual(text))
        {
            var patch = new JsonObject { ["data"] = new JsonObject { [GangObjects.JobKey] = Convert.ToBase64String(text) } };
            await _client.PatchAsync(ResourceKinds.Secrets, secret.Metadata.NamespaceProperty, secret.Metadata.Name, patch, cancel).ConfigureAwait(false);
        }
    }
}
