using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>What comes next for a job: a status, and when to look again.</summary>
/// <param name="Status">The next status; the same where nothing changes.</param>
/// <param name="LookAgain">After this at the latest; null where only news can change anything.</param>
internal sealed record NextStep(TrainingJobStatus Status, TimeSpan? LookAgain = null);

/// <summary>
/// The life of a gang, as a function of what is there: no I/O, so that whoever takes over after a crash comes to the same.
/// Each step that matters is one status; pods are made to follow it afterwards.
/// </summary>
internal sealed class GangCourse
{
    /// <summary>A gang that is bound shows as starting after so long.</summary>
    private static readonly TimeSpan StartingShown = TimeSpan.FromSeconds(10);

    private readonly INodeHealth _nodes;
    private readonly TimeProvider _time;

    /// <param name="nodes">How nodes are.</param>
    /// <param name="time">Clock.</param>
    public GangCourse(INodeHealth nodes, TimeProvider time) => (_nodes, _time) = (nodes, time);

    private DateTimeOffset Now => _time.GetUtcNow();

    /// <summary>The step after what the view shows.</summary>
    /// <param name="view">The job now.</param>
    /// <param name="problem">Why the spec cannot be read; null where it can.</param>
    public NextStep Next(GangView view, JobException? problem)
    {
        var generation = view.Resource.Metadata.Generation ?? 0;
        var before = view.Status;
        var status = Revive(before, generation);
        status = status with { ObservedGeneration = generation, SubmitTime = SubmitTime(view.Resource, status, Now) };
        if (status.IsFinished)
        {
            return new NextStep(status with { ObservedGeneration = before.ObservedGeneration });
        }

        if (view.Job is not { } job)
        {
            return new NextStep(Attempts.Finish(status, false, Reason.InvalidSpec, problem?.Message ?? "the spec cannot be read", Now));
        }

        if (job.Spec.Suspend)
        {
            return new NextStep(status.Phase == JobPhase.Suspended ? status : Attempts.Suspend(status, Now));
        }

        if (status.Phase == JobPhase.Suspended)
        {
            status = Attempts.Resume(status, Now);
        }

        if (status.Placement.Count > 0)
        {
            return Placed(new GangView(view.Resource, job, status, view.AllPods), job.Spec);
        }

        // A new job is in the pass that its coming has asked for: what that says is its first status.
        return new NextStep(before.SubmitTime is null ? before : status);
    }

    /// <summary>When a job was submitted, by the API server's clock, which is the same for all.</summary>
    public static DateTimeOffset SubmitTime(TrainingJobResource resource, TrainingJobStatus status, DateTimeOffset now) =>
        status.SubmitTime ?? (resource.Metadata.CreationTimestamp is { } created ? new DateTimeOffset(DateTime.SpecifyKind(created, DateTimeKind.Utc)) : now);

    // A job that was refused before it ever started is looked at anew when its owner changes it.
    private static TrainingJobStatus Revive(TrainingJobStatus status, long generation) =>
        status is { Phase: JobPhase.Failed, Attempt: 0 } && generation > status.ObservedGeneration
        && status.Find(ConditionType.Failed)?.Reason is Reason.InvalidSpec or Reason.ExceedsMaxQuota or Reason.NeverFits
            ? new TrainingJobStatus { SubmitTime = status.SubmitTime }
            : status;

    private NextStep Placed(GangView view, TrainingJobSpec spec)
    {
        if (Completed(view, spec) is { } done)
        {
            return new NextStep(Attempts.Finish(view.Status, true, Reason.Completed, done, Now));
        }

        if (Scaled(view, spec) is { } smaller)
        {
            return new NextStep(smaller);
        }

        if (Failed(view, spec) is { } failed)
        {
            return new NextStep(failed);
        }

        if (Lost(view) is { } lost)
        {
            return new NextStep(lost);
        }

        return Progress(view, spec);
    }

    private static string? Completed(GangView view, TrainingJobSpec spec)
    {
        var workers = view.Status.Placement.Where(static place => place.Role == Role.Worker).ToList();
        var deciding = spec.Policy.Success == "all" ? workers : [.. workers.Where(static place => place.Index == 0)];
        return deciding.Count > 0 && deciding.TrueForAll(place => view.Pod(place)?.Status?.Phase == "Succeeded")
            ? spec.Policy.Success == "all" ? $"all {workers.Count} workers have ended well" : "worker 0 has ended well"
            : null;
    }

    /// <summary>Fewer workers are wanted than are planned: those with the highest numbers go.</summary>
    private TrainingJobStatus? Scaled(GangView view, TrainingJobSpec spec)
    {
        var workers = view.Status.Placement.Count(static place => place.Role == Role.Worker);
        if (workers <= spec.Workers)
        {
            return null;
        }

        var kept = view.Status.Placement.Where(static place => place.Role == Role.Worker).OrderBy(static place => place.Index).Take(spec.Workers).ToHashSet();
        return Attempts.Resize(view.Status, [.. view.Status.Placement.Where(place => place.Role != Role.Worker || kept.Contains(place))])
            .With(new Condition(ConditionType.Admitted, ConditionStatus.True, Reason.Scaled, $"from {workers} to {spec.Workers} workers", Now));
    }

    private TrainingJobStatus? Failed(GangView view, TrainingJobSpec spec)
    {
        var failures = view.Status.Placement
            .Select(place => (Place: place, Pod: view.Pod(place)))
            .Where(static entry => entry.Pod is { Status.Phase: "Failed" } pod && !PodMarks.IsDeleting(pod))
            .Select(static entry => (entry.Place, entry.Pod, Failure: PodFailure.Of(entry.Pod!)))
            .ToList();
        if (failures.Find(static entry => entry.Failure.IsInfrastructure) is { Failure: { } failure } broken)
        {
            return Drop(view, broken.Place, failure.Message, failure.IsNodeAtFault);
        }

        var counted = failures.Select(static entry => PodMarks.FailureNumber(entry.Pod!)).DefaultIfEmpty(0).Max();
        if (counted <= view.Status.Restarts)
        {
            return null;
        }

        // Only of our own roles is it known what the code means.
        if (spec.Program.Image is null && failures.Find(static entry => entry.Failure.ExitCode == RoleExit.Usage) is { Failure: { } wrong })
        {
            return Attempts.Finish(view.Status with { Restarts = counted }, false, Reason.InvalidSpec, $"{wrong.Message}; it would be the same again", Now);
        }

        var last = failures.MaxBy(static entry => PodMarks.FailureNumber(entry.Pod!)).Failure.Message;
        var status = view.Status with { Restarts = counted };
        return counted > spec.Policy.BackoffLimit
            ? Attempts.Finish(status, false, Reason.BackoffLimitExceeded, $"{last}; {counted} failure{(counted == 1 ? "" : "s")}, spec.policy.backoffLimit allows {spec.Policy.BackoffLimit}", Now)
            : status.With(new Condition(ConditionType.Running, ConditionStatus.False, Reason.Restarting, $"{last}; it is started again ({counted} of {spec.Policy.BackoffLimit})", Now));
    }

    private TrainingJobStatus? Lost(GangView view)
    {
        foreach (var place in view.Status.Placement)
        {
            var pod = view.Pod(place);
            if (pod is { Status.Phase: "Succeeded" })
            {
                continue;
            }

            if (_nodes.WhyLost(place.Node) is { } lost)
            {
                return Drop(view, place, lost, isNodeAtFault: false);
            }

            // Where it was planned it cannot be started again, as on a node that is being drained.
            if ((pod is null || PodMarks.IsDeleting(pod)) && view.Status.StartTime is not null && _nodes.WhyClosed(place.Node) is { } closed)
            {
                return Drop(view, place, $"pod {PodNames.Pod(view.Name, place.Role, place.Index)} is gone and {closed}", isNodeAtFault: false);
            }
        }

        return null;
    }

    /// <summary>A pod cannot go on where it is: the job goes on without it where it can, and otherwise waits for a new placement.</summary>
    private TrainingJobStatus Drop(GangView view, PodAssignment place, string message, bool isNodeAtFault, string reason = Reason.InfrastructureFailure)
    {
        ExcludedNode[] excluded = isNodeAtFault ? [new ExcludedNode(place.Node, message, Now)] : [];
        if (!view.IsOptional(place) || view.Status.StartTime is null)
        {
            return Attempts.EndByInfrastructure(view.Status, reason, message, excluded, Now);
        }

        var smaller = Attempts.Resize(view.Status, [.. view.Status.Placement.Where(other => other != place)]);
        return (smaller with
        {
            InfrastructureFailures = smaller.InfrastructureFailures + 1,
            ExcludedNodes = [.. smaller.ExcludedNodes, .. excluded.Where(node => smaller.ExcludedNodes.All(known => known.Node != node.Node))],
        }).With(new Condition(ConditionType.Admitted, ConditionStatus.True, reason, $"{message}; the job goes on without that worker", Now));
    }

    private NextStep Progress(GangView view, TrainingJobSpec spec)
    {
        var status = view.Status with { ReadyReplicas = Ready(view) };
        var isWhole = view.IsWhole(withOptional: status.StartTime is null);
        if (isWhole)
        {
            status = (status with { Phase = JobPhase.Running, StartTime = status.StartTime ?? Now, ExcludedNodes = status.StartTime is null ? [] : status.ExcludedNodes })
                .With(new Condition(ConditionType.Running, ConditionStatus.True, Reason.GangRunning, status.Placement.Count == 1 ? "its pod runs" : $"{status.Placement.Count} pods run", Now));
        }
        else
        {
            status = status with { Phase = status.StartTime is not null ? JobPhase.Running : IsStarting(view, status) ? JobPhase.Starting : JobPhase.Admitted };
            if (status.Is(ConditionType.Running))
            {
                status = status.With(new Condition(ConditionType.Running, ConditionStatus.False, Reason.PodDisturbed, $"{Missing(view)}; it is started again", Now));
            }
        }

        var (late, lateAfter) = Late(view, status, spec.Policy.GangTimeout);
        lateAfter = status.Phase == JobPhase.Admitted && lateAfter > StartingShown ? StartingShown : lateAfter;
        if (late is not null)
        {
            return new NextStep(late);
        }

        if (spec.Policy.ActiveDeadline is { } deadline && status.StartTime is { } start)
        {
            var left = start + deadline - Now;
            if (left <= TimeSpan.Zero)
            {
                return new NextStep(Attempts.Finish(status, false, Reason.DeadlineExceeded, $"it ran for {deadline}, which spec.policy.activeDeadline allows at most", Now));
            }

            lateAfter = lateAfter is null || left < lateAfter ? left : lateAfter;
        }

        var lostAfter = status.Placement.Select(place => _nodes.LostAfter(place.Node)).OfType<TimeSpan>().Select(static left => (TimeSpan?)left).Min();
        return new NextStep(status, lateAfter is null || lostAfter < lateAfter ? lostAfter : lateAfter);
    }

    // Most gangs run at once when they are bound; only those that take longer are worth a write.
    private bool IsStarting(GangView view, TrainingJobStatus status) =>
        status.Find(ConditionType.Admitted) is { } admitted && (Now - admitted.LastTransitionTime).Duration() >= StartingShown
        && status.Placement.All(place => view.Pod(place) is { } pod && PodMarks.IsBound(pod));

    /// <summary>What becomes of a gang that is not whole in time, and how long it still has.</summary>
    private (TrainingJobStatus? Status, TimeSpan? Left) Late(GangView view, TrainingJobStatus status, TimeSpan limit)
    {
        var slow = status.Placement.Where(place => view.Pod(place) is not { } pod || !GangView.IsUp(pod)).ToList();
        if (slow.Count == 0)
        {
            return (null, null);
        }

        var admitted = status.Find(ConditionType.Admitted)?.LastTransitionTime ?? Now;
        var disturbed = status.Find(ConditionType.Running) is { Status: ConditionStatus.False } running ? running.LastTransitionTime : status.StartTime ?? admitted;
        var since = admitted > disturbed ? admitted : disturbed;
        if (status.Is(ConditionType.Running))
        {
            // Only workers that came later are slow: their time counts from when they were made.
            since = slow.Select(view.Pod).Select(pod => pod?.Metadata.CreationTimestamp is { } made ? new DateTimeOffset(made) : Now).Max();
        }

        // Never more than the limit, however the clock that wrote the time was set.
        var left = since > Now ? limit : since + limit - Now;
        if (left > TimeSpan.Zero)
        {
            return (null, left);
        }

        var first = slow[0];
        var message = $"the gang was not whole within {limit.TotalSeconds:0} s: {slow.Count} of {status.Placement.Count} pods do not run; {WhyNotUp(view.Pod(first), PodNames.Pod(view.Name, first.Role, first.Index), first.Node)}";
        if (status.Is(ConditionType.Running))
        {
            return (Drop(view, first, message, IsNodeToBlame(view.Pod(first)), Reason.GangTimeout), null);
        }

        var blamed = slow.Where(place => IsNodeToBlame(view.Pod(place))).Select(place => new ExcludedNode(place.Node, message, Now)).DistinctBy(static node => node.Node);
        return (Attempts.EndByInfrastructure(status, Reason.GangTimeout, message, blamed, Now), null);
    }

    // An image that cannot be had or a spec that no runtime takes would fail on any node.
    private static bool IsNodeToBlame(V1Pod? pod) => pod is not null && PodMarks.IsBound(pod) && WaitingReason(pod) is null or "ContainerCreating" or "PodInitializing";

    private static string WhyNotUp(V1Pod? pod, string name, string node) => pod switch
    {
        null => $"pod {name} does not exist",
        _ when !PodMarks.IsBound(pod) => $"pod {name} could not be bound to node {node}",
        _ when PodMarks.IsDeleting(pod) => $"pod {name} is being deleted",
        _ => $"pod {name} on node {node} is {pod.Status?.Phase ?? "Pending"}{(WaitingReason(pod) is { } reason ? $" ({reason}{WaitingMessage(pod)})" : "")}",
    };

    private static string? WaitingReason(V1Pod pod) => WaitingState(pod)?.Reason;

    private static string WaitingMessage(V1Pod pod) => WaitingState(pod)?.Message is { Length: > 0 } message ? $": {message.ReplaceLineEndings(" ")}" : "";

    private static V1ContainerStateWaiting? WaitingState(V1Pod pod) =>
        (pod.Status?.ContainerStatuses ?? []).Select(static container => container.State?.Waiting).FirstOrDefault(static state => state is not null);

    private static string Missing(GangView view)
    {
        var place = view.Status.Placement.First(place => view.Pod(place) is not { } pod || !GangView.IsUp(pod));
        var name = PodNames.Pod(view.Name, place.Role, place.Index);
        return view.Pod(place) is null ? $"pod {name} was deleted" : $"pod {name} no longer runs";
    }

    private static Dictionary<string, int> Ready(GangView view) =>
        view.Pods.Where(static pod => pod.Status?.Conditions?.Any(static condition => condition is { Type: "Ready", Status: "True" }) == true)
            .GroupBy(PodMarks.Role).OrderBy(static role => role.Key, StringComparer.Ordinal).ToDictionary(static role => role.Key, static role => role.Count());
}
