using k8s.Models;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Kubernetes;

/// <summary>
/// Turns what an API server has into what a pass decides on, for the operator and for <c>taas submit --dry-run</c> alike. A pod counts with its gang
/// only where the plan has it; everything else on a node, strangers and leftovers of ours alike, counts as used by others, so that no room is given away twice.
/// </summary>
public static class SnapshotBuilder
{
    /// <summary>The cluster at a moment.</summary>
    /// <param name="objects">What the API server has.</param>
    /// <param name="now">The moment.</param>
    /// <param name="submitter">Who submitted a job: <see cref="SubmitterStamp"/>.</param>
    public static ClusterSnapshot Build(ClusterObjects objects, DateTimeOffset now, Func<V1ObjectMeta, Submitter> submitter)
    {
        var flavors = objects.Flavors.Select(static item => Try(item.Read)).OfType<ResourceFlavor>().ToDictionary(static flavor => flavor.Name, StringComparer.Ordinal);
        var used = new Dictionary<string, ResourceList>(StringComparer.Ordinal);
        var gangs = new List<Gang>();
        var runTimes = RunTimes.Learn(objects.Jobs);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var resource in objects.Jobs)
        {
            if (Try(resource.Read) is { } job && resource.Metadata.DeletionTimestamp is null)
            {
                seen.Add(resource.Metadata.Uid);
                AddGang(gangs, used, new GangView(resource, job, resource.ReadStatus(), objects.PodsOf(resource.Metadata.Uid)), job, submitter(resource.Metadata), flavors, runTimes);
            }
        }

        foreach (var pod in objects.Pods)
        {
            if (PodMarks.JobUid(pod) is not { } uid || !seen.Contains(uid))
            {
                Use(used, pod);
            }
        }

        return new ClusterSnapshot
        {
            Now = now,
            Nodes = [.. objects.Nodes.Select(node => NodeReader.Read(node, used.GetValueOrDefault(node.Metadata.Name, ResourceList.Empty)))],
            Queues = [.. objects.Queues.Select(static item => Try(item.Read)).OfType<Queue>()],
            Flavors = [.. flavors.Values],
            Gangs = gangs,
        };
    }

    private static void AddGang(List<Gang> gangs, Dictionary<string, ResourceList> used, GangView view, TrainingJob job, Submitter submitter, Dictionary<string, ResourceFlavor> flavors, RunTimes runTimes)
    {
        var (resource, status) = (view.Resource, view.Status);
        var leaving = view.Surplus.Where(static pod => !PodMarks.IsTerminal(pod) && PodMarks.IsBound(pod)).ToList();
        var podSets = PodSets.Of(job.Spec.Replicas, flavors);
        if (view.IsPlaced)
        {
            // Leftovers of earlier attempts hold what they hold beside the plan.
            leaving.ForEach(pod => Use(used, pod));
            CountExcess(used, view, podSets);
            gangs.Add(Make(resource, job, submitter, status, podSets, runTimes) with
            {
                Placement = new Placement([.. status.Placement.Select(static place => new PodPlacement(place.Role, place.Index, place.Node, place.Flavor))]),
                PlacedAt = status.Find(ConditionType.Admitted)?.LastTransitionTime,
            });
        }
        else if (leaving.Count > 0)
        {
            // What is being stopped holds its room, and will free it: nobody else need be stopped for the same.
            gangs.Add(Make(resource, job, submitter, status, podSets, runTimes) with
            {
                Placement = new Placement([.. leaving.Select(static pod => new PodPlacement(PodMarks.Role(pod), PodMarks.Index(pod), pod.Spec.NodeName, PodMarks.FlavorOf(pod))).DistinctBy(static pod => (pod.Role, pod.Index))]),
                IsTerminating = true,
            });
        }
        else if (status.Phase == JobPhase.Pending && !job.Spec.Suspend)
        {
            gangs.Add(Make(resource, job, submitter, status, podSets, runTimes));
        }
    }

    private static Gang Make(TrainingJobResource resource, TrainingJob job, Submitter submitter, TrainingJobStatus status, IReadOnlyList<PodSet> podSets, RunTimes runTimes) => new()
    {
        Id = resource.Metadata.Uid,
        Name = $"{resource.Metadata.NamespaceProperty}/{resource.Metadata.Name}",
        Queue = job.Spec.Queue,
        Submitter = submitter,
        Priority = job.Spec.Priority,
        SubmittedAt = status.SubmitTime ?? (resource.Metadata.CreationTimestamp is { } created ? new DateTimeOffset(DateTime.SpecifyKind(created, DateTimeKind.Utc)) : DateTimeOffset.UnixEpoch),
        PodSets = podSets,
        ExpectedRunTime = job.Spec.ExpectedRunTime ?? runTimes.Of(resource) ?? job.Spec.Policy.ActiveDeadline,
        TopologyKey = job.Spec.Placement?.TopologyKey,
        IsTopologyRequired = job.Spec.Placement?.Required ?? false,
        ExcludedNodes = status.ExcludedNodes.Select(static node => node.Node).ToHashSet(StringComparer.Ordinal),
        NotBefore = status.NotBefore,
        IsPreemptible = job.Spec.Preemptible,
    };

    // A spec that was edited while its pods run may ask for less than they hold.
    private static void CountExcess(Dictionary<string, ResourceList> used, GangView view, IReadOnlyList<PodSet> podSets)
    {
        foreach (var pod in view.Pods.Where(static pod => PodMarks.IsBound(pod) && !PodMarks.IsTerminal(pod)))
        {
            var planned = podSets.FirstOrDefault(set => set.Role == PodMarks.Role(pod))?.Requests ?? ResourceList.Empty;
            var excess = PodRequests.Of(pod).Amounts
                .Where(static entry => entry.Key != "pods")
                .Select(entry => KeyValuePair.Create(entry.Key, entry.Value - planned[entry.Key]))
                .Where(static entry => entry.Value > 0)
                .ToList();
            if (excess.Count > 0)
            {
                Use(used, pod.Spec.NodeName, new ResourceList(excess));
            }
        }
    }

    private static void Use(Dictionary<string, ResourceList> used, V1Pod pod)
    {
        if (PodMarks.IsBound(pod) && !PodMarks.IsTerminal(pod))
        {
            Use(used, pod.Spec.NodeName, PodRequests.Of(pod));
        }
    }

    private static void Use(Dictionary<string, ResourceList> used, string node, ResourceList amounts) =>
        used[node] = used.TryGetValue(node, out var before) ? before.Plus(amounts) : amounts;

    private static T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (JobException)
        {
            // Its owner is told by its own condition.
            return null;
        }
    }
}
