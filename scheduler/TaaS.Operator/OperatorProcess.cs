using Microsoft.Extensions.Logging;
using TaaS.Kubernetes;
using TaaS.Scheduling;
using TaaS.Scheduling.Model;

namespace TaaS.Operator;

/// <summary>The operator: who leads looks at jobs and schedules, everyone answers for health.</summary>
internal sealed class OperatorProcess
{
    private readonly OperatorOptions _options;
    private readonly ApiClient _client;
    private readonly OperatorLog _log;
    private readonly TimeProvider _time;
    private readonly Func<ClusterSnapshot, SchedulingPass> _decide;
    private volatile ClusterCache? _cache;
    private volatile bool _isWorking;

    /// <param name="options">How to run.</param>
    /// <param name="client">The server.</param>
    /// <param name="logger">Takes the log.</param>
    /// <param name="time">Clock of everything but network time-outs.</param>
    /// <param name="decide">Makes the decisions; null for the scheduler as it comes.</param>
    public OperatorProcess(OperatorOptions options, ApiClient client, ILogger logger, TimeProvider time, Func<ClusterSnapshot, SchedulingPass>? decide = null)
    {
        (_options, _client, _log, _time) = (options, client, new OperatorLog(logger), time);
        _decide = decide ?? new Scheduler(new SchedulerOptions()).Decide;
    }

    /// <summary>What this operator's webhook stamps jobs with; null where there is none, and nobody's name is believed.</summary>
    public byte[]? StampKey { get; init; }

    /// <summary>What Prometheus is told.</summary>
    public OperatorMetrics Metrics { get; } = new();

    /// <summary>Why this replica is not ready to work; null while it is, or waits for its turn to lead.</summary>
    public string? Trouble
    {
        get
        {
            var troubles = _cache?.Troubles ?? [];
            return troubles.Count > 0 ? string.Join("; ", troubles) : _cache is not null && !_isWorking ? "the cluster is being read" : null;
        }
    }

    /// <summary>Waits for the lead, then works until stopped or until the lead is lost.</summary>
    /// <returns>False if the lead was lost: the process is to end, since another has taken over.</returns>
    public async Task<bool> RunAsync(CancellationToken cancel)
    {
        if (!_options.LeaderElection)
        {
            await WorkAsync(cancel).ConfigureAwait(false);
            return true;
        }

        var election = new LeaderElection(_client, _options.OwnNamespace ?? _client.Connection.Namespace, _options.Identity, _log, _time);
        try
        {
            await election.AcquireAsync(cancel).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            return true;
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var keep = election.KeepAsync(stop.Token);
        var work = WorkAsync(stop.Token);
        await Task.WhenAny(keep, work).ConfigureAwait(false);
        var isLost = keep.IsCompletedSuccessfully && !cancel.IsCancellationRequested;
        await stop.CancelAsync().ConfigureAwait(false);
        await keep.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Metrics.Leads(false);
        if (!isLost)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
            await election.ReleaseAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            work.GetAwaiter().GetResult();
        }

        return !isLost;
    }

    private async Task WorkAsync(CancellationToken cancel)
    {
        Metrics.Leads(true);
        using var queue = new WorkQueue(_time);
        var cache = new ClusterCache(_client, _options.Namespace, _options.NodeGrace, _time);
        cache.OnTrouble(Tell);
        _cache = cache;
        var events = new EventRecorder(_client, _time);
        var writer = new StatusWriter(_client, cache, events);
        var records = new WaitRecords();
        using var keeper = new GangKeeper(_client, cache, new PodFactory(_options, cache.Flavor), Metrics, _time);
        var course = new GangCourse(cache.NodeWatch, _time);
        var reconciler = new JobReconciler(cache, course, keeper, writer, records, _options, _time);
        using var loop = new SchedulingLoop(cache, _decide, writer, records, new QueueKeeper(cache, writer, _log, _time), queue, metadata => SubmitterStamp.Verified(metadata, StampKey), Metrics, _options, _log, _time);
        _ = new ChangeRouter(cache, queue, loop.Changed);
        try
        {
            var informers = await cache.StartAsync(cancel).ConfigureAwait(false);
            _isWorking = true;
            _log.Synced(cache.Nodes.Store.Count, cache.Pods.Store.Count, cache.Queues.Store.Count, cache.Jobs.Store.Count);
            await Task.WhenAll([
                informers,
                events.RunAsync(cancel),
                _options.Starter is { } starter ? new StarterObjects(starter, _client, _log, _time).MakeAsync(cancel) : Task.CompletedTask,
                loop.RunAsync(cancel),
                .. Enumerable.Range(0, _options.Workers).Select(_ => LookAfterAsync(queue, reconciler, loop.Changed, cancel)),
            ]).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Told to stop, or the lead is lost.
        }
        finally
        {
            _isWorking = false;
        }
    }

    private async Task LookAfterAsync(WorkQueue queue, JobReconciler reconciler, Signal changed, CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            string uid;
            try
            {
                uid = await queue.TakeAsync(cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            var isSuccess = false;
            try
            {
                if (await reconciler.ReconcileAsync(uid, cancel).ConfigureAwait(false) is { } later)
                {
                    queue.AddAfter(uid, later);
                }

                isSuccess = true;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (ApiException error)
            {
                _log.JobFailed(uid, error.Message);
                queue.Retry(uid);
                changed.Set();
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // A job that breaks us is that job's trouble; the others go on.
                _log.JobBroke(uid, error);
                queue.Retry(uid);
            }
            finally
            {
                queue.Done(uid, isSuccess);
            }
        }
    }

    private void Tell(string kind, ApiException? trouble)
    {
        if (trouble is null)
        {
            _log.TroubleOver(kind);
        }
        else
        {
            _log.Trouble(kind, trouble.Failure switch
            {
                ApiFailure.NotFound => "the API server does not know this kind; install it with 'kubectl apply -k scheduler/deploy'",
                ApiFailure.Unauthorized => $"the credentials are not taken, as when they have expired ({trouble.Message}); renew the kubeconfig or token, it is read again",
                ApiFailure.Forbidden => $"{trouble.Message}; the operator's account lacks this right",
                _ => trouble.Message,
            });
        }
    }
}
