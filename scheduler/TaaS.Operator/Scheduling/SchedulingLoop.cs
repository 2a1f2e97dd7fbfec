using System.Diagnostics;
using k8s.Models;
using Microsoft.Extensions.Logging;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Scheduling.Model;

namespace TaaS.Operator;

/// <summary>Runs a pass whenever something has changed that a decision could hang on, and at least every so often; writes what it decides.</summary>
internal sealed class SchedulingLoop : IDisposable
{
    private const int WritesAtATime = 16;

    private readonly ClusterCache _cache;
    private readonly Func<ClusterSnapshot, SchedulingPass> _decide;
    private readonly StatusWriter _writer;
    private readonly WaitRecords _records;
    private readonly QueueKeeper _queues;
    private readonly WorkQueue _work;
    private readonly Func<V1ObjectMeta, Submitter> _submitter;
    private readonly OperatorMetrics _metrics;
    private readonly OperatorOptions _options;
    private readonly OperatorLog _log;
    private readonly TimeProvider _time;
    private ITimer? _alarm;

    public SchedulingLoop(
        ClusterCache cache,
        Func<ClusterSnapshot, SchedulingPass> decide,
        StatusWriter writer,
        WaitRecords records,
        QueueKeeper queues,
        WorkQueue work,
        Func<V1ObjectMeta, Submitter> submitter,
        OperatorMetrics metrics,
        OperatorOptions options,
        OperatorLog log,
        TimeProvider time) =>
        (_cache, _decide, _writer, _records, _queues, _work, _submitter, _metrics, _options, _log, _time) =
        (cache, decide, writer, records, queues, work, submitter, metrics, options, log, time);

    /// <summary>Something has changed that a decision could hang on.</summary>
    public Signal Changed { get; } = new();

    /// <inheritdoc/>
    public void Dispose() => _alarm?.Dispose();

    /// <summary>Works until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        while (!cancel.IsCancellationRequested)
        {
            try
            {
                await PassAsync(cancel).ConfigureAwait(false);
            }
            catch (ApiException error)
            {
                _log.PassFailed(error.Message);
                Changed.Set();
                await Task.Delay(TimeSpan.FromSeconds(1), _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // One pass that goes wrong must not end all that run; the next sees a new snapshot.
                _log.PassBroke(error);
                await Task.Delay(TimeSpan.FromSeconds(5), _time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            try
            {
                await Changed.WaitAsync(_options.PassInterval, _time, cancel).ConfigureAwait(false);
                await Task.Delay(_options.Debounce, _time, cancel).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    /// <summary>One pass: decide, stop victims, write placements, note why others wait.</summary>
    public async Task PassAsync(CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        var snapshot = SnapshotBuilder.Build(_cache.Objects, _time.GetUtcNow(), _submitter);
        var pass = _decide(snapshot);
        _metrics.Passed(watch.Elapsed, snapshot, pass);
        var limits = new ParallelOptions { MaxDegreeOfParallelism = WritesAtATime, CancellationToken = cancel };
        await Parallel.ForEachAsync(pass.Preempted, limits, PreemptAsync).ConfigureAwait(false);
        await Parallel.ForEachAsync(pass.Admitted, limits, AdmitAsync).ConfigureAwait(false);
        foreach (var uid in _records.Replace(pass.Waiting))
        {
            _work.Add(uid);
        }

        var next = pass.Waiting
            .Select(verdict => _cache.Jobs.Store.Find(verdict.GangId)?.ReadStatus().NotBefore - snapshot.Now)
            .Where(left => left > TimeSpan.Zero && left < _options.PassInterval)
            .Min();
        if (!await _queues.UpdateAsync(snapshot, pass, cancel).ConfigureAwait(false))
        {
            next = next < QueueKeeper.Interval ? next : QueueKeeper.Interval;
        }

        if (next is { } delay)
        {
            Wake(delay);
        }
    }

    /// <summary>Another pass is due by then at the latest.</summary>
    private void Wake(TimeSpan delay)
    {
        if (_alarm is not null)
        {
            _alarm.Change(delay, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _alarm = _time.CreateTimer(static state => ((Signal)state!).Set(), Changed, delay, Timeout.InfiniteTimeSpan);
        }
    }

    private async ValueTask PreemptAsync(Preemption preemption, CancellationToken cancel)
    {
        if (_cache.Jobs.Store.Find(preemption.GangId) is not { } resource || resource.ReadStatus() is not { Placement.Count: > 0, IsFinished: false } status)
        {
            return;
        }

        var reason = preemption.Cause == PreemptionCause.Priority ? Reason.Preempted : Reason.Reclaimed;
        if (await WriteAsync(resource, Attempts.End(status, reason, preemption.Message, _time.GetUtcNow()), cancel).ConfigureAwait(false))
        {
            _metrics.Preempted(preemption.Cause);
            _log.Preempted(resource.Metadata.NamespaceProperty, resource.Metadata.Name, preemption.Message);
        }
    }

    private async ValueTask AdmitAsync(Admission admission, CancellationToken cancel)
    {
        if (_cache.Jobs.Store.Find(admission.GangId) is not { } resource || resource.ReadStatus() is not { IsFinished: false } status)
        {
            return;
        }

        var now = _time.GetUtcNow();
        status = status with { ObservedGeneration = resource.Metadata.Generation ?? 0, SubmitTime = GangCourse.SubmitTime(resource, status, now) };
        var next = status.Placement.Count > 0 ? Attempts.Grow(status, admission) : Attempts.Begin(status, admission, admission.GangId, now);
        if (await WriteAsync(resource, next, cancel).ConfigureAwait(false) && status.Placement.Count == 0)
        {
            _metrics.Admitted(_cache.Jobs.Store.Find(admission.GangId), now);
            _log.Admitted(resource.Metadata.NamespaceProperty, resource.Metadata.Name, next.Placement.Count);
        }
    }

    private async Task<bool> WriteAsync(TrainingJobResource resource, TrainingJobStatus next, CancellationToken cancel)
    {
        var written = await _writer.WriteAsync(resource, next, cancel).ConfigureAwait(false);
        // Written or overtaken by another: either way there is something to follow, and another pass to make.
        _work.Add(resource.Metadata.Uid);
        if (written is null)
        {
            Changed.Set();
        }

        return written is not null;
    }
}
