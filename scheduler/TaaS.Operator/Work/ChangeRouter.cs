using k8s.Models;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator;

/// <summary>Whom news concerns: a job of whom something changed is looked at, and what makes or takes room asks for a pass.</summary>
internal sealed class ChangeRouter
{
    private readonly ClusterCache _cache;
    private readonly WorkQueue _queue;
    private readonly Signal _pass;

    public ChangeRouter(ClusterCache cache, WorkQueue queue, Signal pass)
    {
        (_cache, _queue, _pass) = (cache, queue, pass);
        cache.Jobs.Store.Changed += OnJob;
        cache.Queues.Store.Changed += (before, after) => PassUnlessStatus(before?.Metadata.Generation, after?.Metadata.Generation);
        cache.Flavors.Store.Changed += (_, _) => pass.Set();
        cache.Services.Store.Changed += (before, after) => Ask((after ?? before)!.Metadata);
        cache.Pods.Store.Changed += OnPod;
        cache.Nodes.Store.Changed += OnNode;
    }

    private void PassUnlessStatus(long? before, long? after)
    {
        if (before is null || before != after)
        {
            _pass.Set();
        }
    }

    private void OnJob(TrainingJobResource? before, TrainingJobResource? after)
    {
        _queue.Add((after ?? before)!.Metadata.Uid);
        if (before is null || after is null || Decisive(before) != Decisive(after))
        {
            _pass.Set();
        }
    }

    private void OnPod(V1Pod? before, V1Pod? after)
    {
        if (PodMarks.JobUid(after ?? before) is { } uid)
        {
            _queue.Add(uid);
        }

        // Only what changes what a pod holds changes what there is to decide; what was planned is decided.
        if (Holds(before) != Holds(after) && (PodMarks.JobUid(after) is null || Holds(before).Length > 0))
        {
            _pass.Set();
        }
    }

    private void OnNode(V1Node? before, V1Node? after)
    {
        var name = (after ?? before)!.Metadata.Name;
        var isUsable = after is not null && NodeReader.IsReady(after) && after.Spec?.Unschedulable != true;
        if (before is null || after is null || !isUsable || !NodeReader.IsReady(before) || Room(before) != Room(after))
        {
            _pass.Set();
        }

        if (isUsable)
        {
            return;
        }

        foreach (var uid in _cache.JobsOn(name))
        {
            _queue.Add(uid);
        }
    }

    private void Ask(V1ObjectMeta metadata)
    {
        if (metadata.Labels is { } labels && labels.TryGetValue(PodNames.UidLabel, out var uid))
        {
            _queue.Add(uid);
        }
    }

    private static (long?, bool, bool, bool, int, int, DateTimeOffset?, int) Decisive(TrainingJobResource job)
    {
        var status = job.ReadStatus();
        return (job.Metadata.Generation, job.Metadata.DeletionTimestamp is null, status.IsFinished, status.Phase == JobPhase.Suspended, status.Placement.Count, status.Attempt, status.NotBefore, status.ExcludedNodes.Count);
    }

    private static string Holds(V1Pod? pod) => pod is null || PodMarks.IsTerminal(pod) ? "" : pod.Spec?.NodeName ?? "";

    private static string Room(V1Node node) =>
        string.Join(';', (node.Status?.Allocatable ?? new Dictionary<string, ResourceQuantity>()).OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => $"{entry.Key}={entry.Value}"))
        + string.Join(';', (node.Metadata.Labels ?? new Dictionary<string, string>()).OrderBy(static entry => entry.Key, StringComparer.Ordinal).Select(static entry => $"{entry.Key}={entry.Value}"))
        + string.Join(';', (node.Spec?.Taints ?? []).Select(static taint => $"{taint.Key}={taint.Value}:{taint.Effect}"))
        + node.Spec?.Unschedulable;
}
