using System.Collections.Concurrent;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>Brings one job a step further: judges what is there, writes the status, makes pods follow it. Safe to repeat from any point.</summary>
internal sealed class JobReconciler
{
    private static readonly TimeSpan ReadyInterval = TimeSpan.FromSeconds(1);

    private readonly ClusterCache _cache;
    private readonly GangCourse _course;
    private readonly GangKeeper _keeper;
    private readonly StatusWriter _writer;
    private readonly WaitRecords _records;
    private readonly OperatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, DateTimeOffset> _written = new(StringComparer.Ordinal);

    public JobReconciler(ClusterCache cache, GangCourse course, GangKeeper keeper, StatusWriter writer, WaitRecords records, OperatorOptions options, TimeProvider time) =>
        (_cache, _course, _keeper, _writer, _records, _options, _time) = (cache, course, keeper, writer, records, options, time);

    /// <summary>Looks at a job.</summary>
    /// <returns>When to look again if nothing happens; null for never.</returns>
    /// <exception cref="ApiException">The server could not be asked; try again later.</exception>
    public async Task<TimeSpan?> ReconcileAsync(string uid, CancellationToken cancel)
    {
        if (_cache.Jobs.Store.Find(uid) is not { } resource || resource.Metadata.DeletionTimestamp is not null)
        {
            // What it owned goes with it.
            _written.TryRemove(uid, out _);
            _keeper.Forget(uid);
            return null;
        }

        var (job, problem) = Read(resource);
        var view = new GangView(resource, job, resource.ReadStatus(), _cache.PodsOf(uid));
        if (view.IsPlaced && await _keeper.MarkFailuresAsync(view, cancel).ConfigureAwait(false))
        {
            view = new GangView(resource, job, view.Status, _cache.PodsOf(uid));
        }

        var step = _course.Next(view, problem);
        var next = Waiting(resource, step.Status);
        if (Postpone(uid, view.Status, next) is { } later)
        {
            step = step with { LookAgain = step.LookAgain < later ? step.LookAgain : later };
            next = view.Status;
        }
        else if (!next.SameAs(view.Status))
        {
            if (await _writer.WriteAsync(resource, next, cancel).ConfigureAwait(false) is not { } written)
            {
                return TimeSpan.Zero;
            }

            _written[uid] = _time.GetUtcNow();
            view = new GangView(written, job, next, _cache.PodsOf(uid));
        }

        var (trouble, lookAgain) = await _keeper.FollowAsync(view, cancel).ConfigureAwait(false);
        if (trouble is not null)
        {
            var told = view.Status.With(new Condition(ConditionType.Running, ConditionStatus.False, Reason.GangStarting, trouble, _time.GetUtcNow()));
            await _writer.WriteAsync(view.Resource, told, cancel).ConfigureAwait(false);
            lookAgain = Sooner(lookAgain, _options.PassInterval);
        }

        return Sooner(Sooner(step.LookAgain, lookAgain), await ExpireAsync(view, cancel).ConfigureAwait(false));
    }

    private static (TrainingJob? Job, JobException? Problem) Read(TrainingJobResource resource)
    {
        try
        {
            return (resource.Read(), null);
        }
        catch (JobException problem)
        {
            return (null, problem);
        }
    }

    private TrainingJobStatus Waiting(TrainingJobResource resource, TrainingJobStatus status)
    {
        if (status.Phase != JobPhase.Pending || status.Placement.Count > 0 || _records.Find(resource.Metadata.Uid) is not { } verdict)
        {
            return status;
        }

        var now = _time.GetUtcNow();
        var seen = status with { ObservedGeneration = resource.Metadata.Generation ?? 0, SubmitTime = GangCourse.SubmitTime(resource, status, now) };
        return WaitRecords.Apply(seen, verdict, now);
    }

    /// <summary>A change that nobody waits for is not worth a write each time.</summary>
    private TimeSpan? Postpone(string uid, TrainingJobStatus before, TrainingJobStatus next)
    {
        if (before.Phase != next.Phase || next.SameAs(before) || !Essence(before).SameAs(Essence(next)))
        {
            return null;
        }

        var left = _written.GetOrAdd(uid, _time.GetUtcNow()) + (next.Phase == JobPhase.Running ? ReadyInterval : _options.PositionInterval) - _time.GetUtcNow();
        return left > TimeSpan.Zero ? left : null;
    }

    private static TrainingJobStatus Essence(TrainingJobStatus status) => status with
    {
        ReadyReplicas = new Dictionary<string, int>(),
        QueuePosition = null,
        EarliestStart = null,
        NodesByCause = new Dictionary<string, int>(),
        Conditions = [.. status.Conditions.Select(static condition => condition.Type == ConditionType.Waiting ? condition with { Message = "" } : condition)],
    };

    private async Task<TimeSpan?> ExpireAsync(GangView view, CancellationToken cancel)
    {
        if (!view.Status.IsFinished || view.Status.CompletionTime is not { } end || view.Job?.Spec.Policy.TtlAfterFinished is not { } ttl)
        {
            return null;
        }

        var now = _time.GetUtcNow();
        var left = end > now ? ttl : end + ttl - now;
        if (left > TimeSpan.Zero)
        {
            return left;
        }

        await _keeper.DeleteJobAsync(view.Resource, cancel).ConfigureAwait(false);
        return null;
    }

    private static TimeSpan? Sooner(TimeSpan? a, TimeSpan? b) => a is null ? b : b is null || a < b ? a : b;
}
