using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Operator;

/// <summary>How a status changes when an attempt begins, grows, shrinks and ends. One write each; pods follow what was written.</summary>
internal static class Attempts
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan LongestPause = TimeSpan.FromHours(1);

    /// <summary>A pause after the n-th failure: 60 s, doubling, at most an hour.</summary>
    public static TimeSpan Pause(int failures) =>
        TimeSpan.FromTicks(Math.Min(LongestPause.Ticks, FirstPause.Ticks << Math.Clamp(failures - 1, 0, 10)));

    /// <summary>The job got a node for every pod.</summary>
    public static TrainingJobStatus Begin(TrainingJobStatus status, Admission admission, string uid, DateTimeOffset now)
    {
        var placement = Assignments(admission.Placement);
        var nodes = placement.Select(static pod => pod.Node).Distinct().Count();
        var words = $"{placement.Length} pod{(placement.Length == 1 ? "" : "s")} on {nodes} node{(nodes == 1 ? "" : "s")}{(admission.IsBackfill ? ", ahead of the queue's head and without delaying it" : "")}{(admission.IsBorrowing ? ", with quota borrowed from the cohort" : "")}";
        return (status with
        {
            Phase = JobPhase.Admitted,
            Attempt = status.Attempt + 1,
            Placement = placement,
            Workers = placement.Count(static pod => pod.Role == Role.Worker),
            Selector = $"{PodNames.UidLabel}={uid},{PodNames.RoleLabel}={Role.Worker}",
            QueuePosition = null,
            EarliestStart = null,
            NodesByCause = new Dictionary<string, int>(),
            NotBefore = null,
        })
            .With(new Condition(ConditionType.Admitted, ConditionStatus.True, admission.IsBackfill ? Reason.Backfilled : Reason.Admitted, words, now))
            .With(new Condition(ConditionType.Waiting, ConditionStatus.False, Reason.Admitted, words, now))
            .With(new Condition(ConditionType.Running, ConditionStatus.False, Reason.GangStarting, "pods are being started", now));
    }

    /// <summary>An elastic job that runs got more workers.</summary>
    public static TrainingJobStatus Grow(TrainingJobStatus status, Admission admission) =>
        Resize(status, Assignments(admission.Placement));

    /// <summary>The same attempt with other pods; those that stay are left alone.</summary>
    public static TrainingJobStatus Resize(TrainingJobStatus status, IReadOnlyList<PodAssignment> placement) => status with
    {
        Placement = placement,
        Workers = placement.Count(static pod => pod.Role == Role.Worker),
    };

    /// <summary>The attempt is over, and the job waits again: its pods are no longer planned, and go.</summary>
    public static TrainingJobStatus End(TrainingJobStatus status, string reason, string message, DateTimeOffset now) =>
        Release(status, now, reason, message) with { Phase = JobPhase.Pending };

    /// <summary>The attempt failed for a reason that is not the user's: it costs no retry. One that never was whole also costs a pause.</summary>
    public static TrainingJobStatus EndByInfrastructure(TrainingJobStatus status, string reason, string message, IEnumerable<ExcludedNode> excluded, DateTimeOffset now)
    {
        var failures = status.InfrastructureFailures + 1;
        var wasWhole = status.StartTime is not null;
        var ended = End(status, reason, message, now);
        var known = ended.ExcludedNodes.Select(static node => node.Node).ToHashSet(StringComparer.Ordinal);
        return ended with
        {
            InfrastructureFailures = failures,
            NotBefore = wasWhole ? null : now + Pause(failures),
            ExcludedNodes = [.. ended.ExcludedNodes, .. excluded.Where(node => known.Add(node.Node))],
        };
    }

    /// <summary>Its owner holds the job back.</summary>
    public static TrainingJobStatus Suspend(TrainingJobStatus status, DateTimeOffset now) =>
        (Release(status, now, Reason.Suspended, "held back by its owner") with { Phase = JobPhase.Suspended, NotBefore = null })
            .With(new Condition(ConditionType.Waiting, ConditionStatus.False, Reason.Suspended, "held back by its owner", now))
            .With(new Condition(ConditionType.Suspended, ConditionStatus.True, Reason.Suspended, status.Attempt > 0 ? "held back by its owner; the checkpoint stays" : "held back by its owner", now));

    /// <summary>Its owner lets the job go on.</summary>
    public static TrainingJobStatus Resume(TrainingJobStatus status, DateTimeOffset now) =>
        (status with { Phase = JobPhase.Pending })
            .With(new Condition(ConditionType.Suspended, ConditionStatus.False, Reason.Resumed, "let go on by its owner", now))
            .With(new Condition(ConditionType.Waiting, ConditionStatus.True, Reason.Queued, "let go on by its owner; waits in the queue", now));

    /// <summary>The job is done or given up. Its placement goes; pods that ended stay, for their logs.</summary>
    public static TrainingJobStatus Finish(TrainingJobStatus status, bool isSuccess, string reason, string message, DateTimeOffset now) =>
        (Release(status, now, reason, message) with
        {
            Phase = isSuccess ? JobPhase.Succeeded : JobPhase.Failed,
            CompletionTime = now,
            StartTime = status.StartTime,
            NotBefore = null,
        })
            .With(new Condition(ConditionType.Waiting, ConditionStatus.False, reason, message, now))
            .With(new Condition(isSuccess ? ConditionType.Succeeded : ConditionType.Failed, ConditionStatus.True, reason, message, now));

    private static TrainingJobStatus Release(TrainingJobStatus status, DateTimeOffset now, string reason, string message)
    {
        var released = status with
        {
            Placement = [],
            Workers = 0,
            ReadyReplicas = new Dictionary<string, int>(),
            StartTime = null,
            QueuePosition = null,
            EarliestStart = null,
            NodesByCause = new Dictionary<string, int>(),
        };
        foreach (var type in (string[])[ConditionType.Admitted, ConditionType.Running])
        {
            if (status.Find(type) is not null)
            {
                released = released.With(new Condition(type, ConditionStatus.False, reason, message, now));
            }
        }

        return released.With(new Condition(ConditionType.Waiting, ConditionStatus.True, reason, message, now));
    }

    private static PodAssignment[] Assignments(Placement placement) =>
        [.. placement.Pods.Select(static pod => new PodAssignment(pod.Role, pod.Index, pod.Node, pod.Flavor))];
}
