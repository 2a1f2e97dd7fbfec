using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using k8s;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>
/// Makes the cluster follow a job's status: what is planned is made and bound, what is not planned goes. Every step may have been done before,
/// by this replica or another; names, labels and UIDs tell.
/// </summary>
internal sealed class GangKeeper : IDisposable
{
    /// <summary>Calls that make and bind pods, of all jobs together: many share the server's fixed costs, too many are turned away.</summary>
    private const int CallsAtATime = 64;

    /// <summary>How long after its grace a pod on a node that does not report is waited for.</summary>
    private static readonly TimeSpan DeadNodePatience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan FirstRestartPause = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan LongestRestartPause = TimeSpan.FromMinutes(5);

    private readonly ApiClient _client;
    private readonly ClusterCache _cache;
    private readonly PodFactory _pods;
    private readonly GangCompanions _companions;
    private readonly OperatorMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _calls = new(CallsAtATime);
    // When pods that are to go were first seen so: their own times are by other clocks.
    private readonly ConcurrentDictionary<string, DateTimeOffset> _goingSince = new(StringComparer.Ordinal);

    public GangKeeper(ApiClient client, ClusterCache cache, PodFactory pods, OperatorMetrics metrics, TimeProvider time) =>
        (_client, _cache, _pods, _companions, _metrics, _time) = (client, cache, pods, new GangCompanions(client, cache, time), metrics, time);

    /// <inheritdoc/>
    public void Dispose() => _calls.Dispose();

    /// <summary>Numbers the failures of pods that have none yet, before they are counted.</summary>
    /// <returns>True if there were any: the job is to be judged anew.</returns>
    public async Task<bool> MarkFailuresAsync(GangView view, CancellationToken cancel)
    {
        var failed = view.Pods.Where(static pod => pod.Status?.Phase == "Failed" && !PodMarks.IsDeleting(pod)).ToList();
        var unmarked = failed.Where(static pod => PodMarks.FailureNumber(pod) == 0 && !PodFailure.Of(pod).IsInfrastructure).ToList();
        if (unmarked.Count == 0)
        {
            return false;
        }

        // Failures that are seen together count as one: when one role dies, others often follow.
        var number = failed.Select(PodMarks.FailureNumber).Append(view.Status.Restarts).Max() + 1;
        foreach (var pod in unmarked)
        {
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["uid"] = pod.Metadata.Uid,
                    ["annotations"] = new JsonObject { [PodMarks.Failure] = number.ToString(CultureInfo.InvariantCulture) },
                },
            };
            try
            {
                _cache.Pods.Store.Apply(await _client.PatchAsync(ResourceKinds.Pods, view.Space, pod.Metadata.Name, patch, cancel).ConfigureAwait(false));
            }
            catch (ApiException error) when (error.Failure is ApiFailure.NotFound or ApiFailure.Conflict)
            {
                _cache.Pods.Store.Remove(pod.Metadata.Uid);
            }
        }

        return true;
    }

    /// <summary>Brings pods, and Service and Secret with them, to what the status says.</summary>
    /// <returns>What stands in the way, in words, and when to look again; nulls where all is as it should be.</returns>
    public async Task<(string? Trouble, TimeSpan? LookAgain)> FollowAsync(GangView view, CancellationToken cancel)
    {
        var lookAgain = await RemoveSurplusAsync(view, cancel).ConfigureAwait(false);
        if (!view.IsPlaced || view.Job is not { } job)
        {
            _companions.Forget(view.Uid);
            return (null, lookAgain);
        }

        lookAgain = Sooner(lookAgain, await RemoveFailedAsync(view, cancel).ConfigureAwait(false));
        var missing = view.Status.Placement.Where(place => view.Pod(place) is null).ToList();
        // A name that is still taken by a pod that goes is free when that has gone.
        var taken = view.Surplus.Select(static pod => pod.Metadata.Name).ToHashSet(StringComparer.Ordinal);
        missing.RemoveAll(place => taken.Contains(PodNames.Pod(view.Name, place.Role, place.Index)));
        var trouble = new ConcurrentBag<string>();
        if (missing.Count > 0)
        {
            await _companions.PrepareAsync(view, job, trouble, cancel).ConfigureAwait(false);
        }

        if (trouble.IsEmpty && missing.Count > 0)
        {
            await EachAsync(missing, place => CreateAsync(view, job, place, trouble, cancel), cancel).ConfigureAwait(false);
            view = new GangView(view.Resource, job, view.Status, _cache.PodsOf(view.Uid));
        }

        // None is bound before all exist: where a quota or an admission rule refuses one, none has run.
        if (trouble.IsEmpty && (view.Status.StartTime is not null || view.Status.Placement.All(place => view.Pod(place) is not null)))
        {
            var unbound = view.Status.Placement.Where(place => view.Pod(place) is { } pod && !PodMarks.IsBound(pod) && !PodMarks.IsDeleting(pod) && !PodMarks.IsTerminal(pod));
            await EachAsync(unbound, place => BindAsync(view.Pod(place)!, place, trouble, cancel), cancel).ConfigureAwait(false);
        }

        if (trouble.IsEmpty)
        {
            lookAgain = Sooner(lookAgain, await _companions.CompleteAsync(view, trouble, cancel).ConfigureAwait(false));
        }

        return (trouble.Order(StringComparer.Ordinal).FirstOrDefault(), lookAgain);
    }

    /// <summary>The job is gone.</summary>
    public void Forget(string uid) => _companions.Forget(uid);

    /// <summary>Deletes a finished job whose time is over.</summary>
    public Task DeleteJobAsync(TrainingJobResource resource, CancellationToken cancel) =>
        Quietly(() => _client.DeleteAsync(ResourceKinds.TrainingJobs, resource.Metadata.NamespaceProperty, resource.Metadata.Name, resource.Metadata.Uid, cancel));

    private async Task<TimeSpan?> RemoveSurplusAsync(GangView view, CancellationToken cancel)
    {
        TimeSpan? lookAgain = null;
        foreach (var pod in view.Surplus)
        {
            // What has ended stays with a finished job, for its logs; names must be free for any other.
            if (PodMarks.IsTerminal(pod) && view.Status.IsFinished)
            {
                continue;
            }

            if (!PodMarks.IsDeleting(pod))
            {
                await DeleteAsync(pod, null, cancel).ConfigureAwait(false);
            }
            else if (await ForceAsync(pod, cancel).ConfigureAwait(false) is { } wait)
            {
                lookAgain = Sooner(lookAgain, wait);
            }
        }

        foreach (var pod in view.Pods.Where(PodMarks.IsDeleting))
        {
            lookAgain = Sooner(lookAgain, await ForceAsync(pod, cancel).ConfigureAwait(false));
        }

        return lookAgain;
    }

    /// <summary>A pod whose node is gone has nobody to end it: it is removed by force. One on a silent node gets its grace and a minute first.</summary>
    private async Task<TimeSpan?> ForceAsync(V1Pod pod, CancellationToken cancel)
    {
        var since = _goingSince.GetOrAdd(pod.Metadata.Uid, _ => _time.GetUtcNow());
        if (!PodMarks.IsBound(pod) || _cache.NodeWatch.WhyClosed(pod.Spec.NodeName) is null)
        {
            return null;
        }

        var node = _cache.Nodes.Store.Find(null, pod.Spec.NodeName);
        if (node is not null && NodeReader.IsReady(node))
        {
            return null;
        }

        var patience = node is null ? TimeSpan.Zero : TimeSpan.FromSeconds(pod.Metadata.DeletionGracePeriodSeconds ?? 0) + DeadNodePatience;
        var left = since + patience - _time.GetUtcNow();
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        await DeleteAsync(pod, 0, cancel).ConfigureAwait(false);
        return null;
    }

    private async Task<TimeSpan?> RemoveFailedAsync(GangView view, CancellationToken cancel)
    {
        TimeSpan? lookAgain = null;
        foreach (var pod in view.Pods.Where(pod => pod.Status?.Phase == "Failed" && !PodMarks.IsDeleting(pod) && PodMarks.FailureNumber(pod) is > 0 and var number && number <= view.Status.Restarts).ToList())
        {
            // At once the first time; then with growing pauses.
            var pause = view.Status.Restarts <= 1 ? TimeSpan.Zero : TimeSpan.FromTicks(Math.Min(LongestRestartPause.Ticks, FirstRestartPause.Ticks << Math.Min(view.Status.Restarts - 2, 10)));
            var left = _goingSince.GetOrAdd(pod.Metadata.Uid, _ => _time.GetUtcNow()) + pause - _time.GetUtcNow();
            if (left > TimeSpan.Zero)
            {
                lookAgain = Sooner(lookAgain, left);
            }
            else
            {
                await DeleteAsync(pod, null, cancel).ConfigureAwait(false);
            }
        }

        return lookAgain;
    }

    private Task EachAsync(IEnumerable<PodAssignment> places, Func<PodAssignment, Task> act, CancellationToken cancel) => Task.WhenAll(places.Select(async place =>
    {
        await _calls.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            await act(place).ConfigureAwait(false);
        }
        finally
        {
            _calls.Release();
        }
    }));

    private async Task CreateAsync(GangView view, TrainingJob job, PodAssignment place, ConcurrentBag<string> trouble, CancellationToken cancel)
    {
        if (_cache.Jobs.Store.Find(view.Uid) is not { Metadata.DeletionTimestamp: null })
        {
            // Deleted while others were made: what comes now would only be collected.
            return;
        }

        var wanted = _pods.Make(view.Resource, job, place, view.Status.Attempt);
        try
        {
            _cache.Pods.Store.Apply(await _client.CreateAsync(ResourceKinds.Pods, wanted, cancel).ConfigureAwait(false));
        }
        catch (ApiException error) when (error.Failure is ApiFailure.AlreadyExists or ApiFailure.Transient)
        {
            // Made by an earlier try, or in the way.
            var there = await _client.FindAsync(ResourceKinds.Pods, view.Space, wanted.Metadata.Name, cancel).ConfigureAwait(false);
            if (there is null)
            {
                throw;
            }

            if (!there.Metadata.BelongsTo(view.Uid))
            {
                trouble.Add(GangCompanions.Taken(wanted));
                return;
            }

            _cache.Pods.Store.Apply(there);
        }
        catch (ApiException error) when (error.Failure is ApiFailure.Invalid or ApiFailure.Forbidden)
        {
            trouble.Add(error.Message);
        }
    }

    private async Task BindAsync(V1Pod pod, PodAssignment place, ConcurrentBag<string> trouble, CancellationToken cancel)
    {
        try
        {
            await _client.BindAsync(pod, place.Node, cancel).ConfigureAwait(false);
            _metrics.Bound();
            // The answer brings no pod; until the watch does, this is how it stands.
            _cache.Pods.Store.Amend(pod with { Spec = pod.Spec with { NodeName = place.Node } });
        }
        catch (ApiException error) when (error.Failure is ApiFailure.Conflict or ApiFailure.NotFound or ApiFailure.Transient)
        {
            var there = await _client.FindAsync(ResourceKinds.Pods, pod.Metadata.NamespaceProperty, pod.Metadata.Name, cancel).ConfigureAwait(false);
            if (there is null || there.Metadata.Uid != pod.Metadata.Uid)
            {
                _cache.Pods.Store.Remove(pod.Metadata.Uid);
                return;
            }

            _cache.Pods.Store.Apply(there);
            if (!PodMarks.IsBound(there) && !PodMarks.IsDeleting(there))
            {
                throw;
            }
        }
        catch (ApiException error) when (error.Failure is ApiFailure.Invalid or ApiFailure.Forbidden)
        {
            trouble.Add(error.Message);
        }
    }

    private async Task DeleteAsync(V1Pod pod, long? grace, CancellationToken cancel)
    {
        await Quietly(() => _client.DeleteAsync(ResourceKinds.Pods, pod.Metadata.NamespaceProperty, pod.Metadata.Name, pod.Metadata.Uid, cancel, grace)).ConfigureAwait(false);
        _goingSince.TryRemove(pod.Metadata.Uid, out _);
    }

    // What is gone, or another by the same name, needs no deleting.
    private static async Task Quietly(Func<Task> delete)
    {
        try
        {
            await delete().ConfigureAwait(false);
        }
        catch (ApiException error) when (error.Failure is ApiFailure.NotFound or ApiFailure.Conflict)
        {
            // As wanted.
        }
    }

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null || a < b ? a : b;
}
