using System.Runtime.CompilerServices;
using k8s.Models;
using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Kubernetes;

/// <summary>
/// A job as a gang, and what its pods hold beside the plan. Objects of the cache are never changed, so what was read once holds until the job, one of its pods
/// or a flavor that it names is another object: of thousands of jobs, a pass reads only those that moved.
/// </summary>
internal sealed class GangReading
{
    private static readonly ConditionalWeakTable<TrainingJobResource, GangReading> Known = [];

    private readonly IReadOnlyList<V1Pod> _pods;
    private readonly (string Name, ResourceFlavor? Flavor)[] _flavors;
    private readonly TrainingJobSpec _spec;
    private Gang? _gang;

    private GangReading(TrainingJobResource resource, TrainingJob job, IReadOnlyList<V1Pod> pods, Dictionary<string, ResourceFlavor> flavors)
    {
        (_pods, _spec) = (pods, job.Spec);
        _flavors = [.. job.Spec.Replicas.Values.Select(static replica => replica.Flavor).OfType<string>().Distinct(StringComparer.Ordinal).Select(name => (name, flavors.GetValueOrDefault(name)))];
        var view = new GangView(resource, job, resource.ReadStatus(), pods);
        var leaving = view.Surplus.Where(static pod => !PodMarks.IsTerminal(pod) && PodMarks.IsBound(pod)).ToList();
        var podSets = PodSets.Of(job.Spec.Replicas, flavors);
        if (view.IsPlaced)
        {
            // Leftovers of earlier attempts hold what they hold beside the plan.
            Beside = [.. leaving.Select(static pod => (pod.Spec.NodeName, PodRequests.Of(pod))), .. Excess(view, podSets)];
            _gang = Make(resource, job, view.Status, podSets) with
            {
                Placement = new Placement([.. view.Status.Placement.Select(static place => new PodPlacement(place.Role, place.Index, place.Node, place.Flavor))]),
                PlacedAt = view.Status.Find(ConditionType.Admitted)?.LastTransitionTime,
            };
        }
        else if (leaving.Count > 0)
        {
            // What is being stopped holds its room, and will free it: nobody else need be stopped for the same.
            _gang = Make(resource, job, view.Status, podSets) with
            {
                Placement = new Placement([.. leaving.Select(static pod => new PodPlacement(PodMarks.Role(pod), PodMarks.Index(pod), pod.Spec.NodeName, PodMarks.FlavorOf(pod))).DistinctBy(static pod => (pod.Role, pod.Index))]),
                IsTerminating = true,
            };
        }
        else if (view.Status.Phase == JobPhase.Pending && !job.Spec.Suspend)
        {
            _gang = Make(resource, job, view.Status, podSets);
        }
    }

    /// <summary>What its pods hold of nodes that the plan does not count.</summary>
    public IReadOnlyList<(string Node, ResourceList Amounts)> Beside { get; } = [];

    /// <summary>Reads a job, unless nothing has changed since it was read.</summary>
    /// <param name="resource">The job.</param>
    /// <param name="job">Its spec.</param>
    /// <param name="pods">Its pods, of whatever attempt.</param>
    /// <param name="flavors">Every flavor by name.</param>
    public static GangReading Of(TrainingJobResource resource, TrainingJob job, IReadOnlyList<V1Pod> pods, Dictionary<string, ResourceFlavor> flavors)
    {
        if (!Known.TryGetValue(resource, out var reading) || !reading.Holds(pods, flavors))
        {
            reading = new GangReading(resource, job, pods, flavors);
            Known.AddOrUpdate(resource, reading);
        }

        return reading;
    }

    /// <summary>The gang; null for a job that takes no part, such as one that has ended.</summary>
    /// <param name="submitter">Who submitted it.</param>
    /// <param name="learnt">How long jobs like it have run.</param>
    public Gang? Gang(Submitter submitter, TimeSpan? learnt)
    {
        var expected = _spec.ExpectedRunTime ?? learnt ?? _spec.Policy.ActiveDeadline;
        if (_gang is not null && (!ReferenceEquals(_gang.Submitter, submitter) || _gang.ExpectedRunTime != expected))
        {
            _gang = _gang with { Submitter = submitter, ExpectedRunTime = expected };
        }

        return _gang;
    }

    private bool Holds(IReadOnlyList<V1Pod> pods, Dictionary<string, ResourceFlavor> flavors)
    {
        if (pods.Count != _pods.Count)
        {
            return false;
        }

        for (var at = 0; at < pods.Count; at++)
        {
            if (!ReferenceEquals(pods[at], _pods[at]))
            {
                return false;
            }
        }

        foreach (var (name, flavor) in _flavors)
        {
            if (!ReferenceEquals(flavors.GetValueOrDefault(name), flavor))
            {
                return false;
            }
        }

        return true;
    }

    private static Gang Make(TrainingJobResource resource, TrainingJob job, TrainingJobStatus status, IReadOnlyList<PodSet> podSets) => new()
    {
        Id = resource.Metadata.Uid,
        Name = $"{resource.Metadata.NamespaceProperty}/{resource.Metadata.Name}",
        Queue = job.Spec.Queue,
        Priority = job.Spec.Priority,
        SubmittedAt = status.SubmitTime ?? (resource.Metadata.CreationTimestamp is { } created ? new DateTimeOffset(DateTime.SpecifyKind(created, DateTimeKind.Utc)) : DateTimeOffset.UnixEpoch),
        PodSets = podSets,
        TopologyKey = job.Spec.Placement?.TopologyKey,
        IsTopologyRequired = job.Spec.Placement?.Required ?? false,
        ExcludedNodes = status.ExcludedNodes.Select(static node => node.Node).ToHashSet(StringComparer.Ordinal),
        NotBefore = status.NotBefore,
        IsPreemptible = job.Spec.Preemptible,
    };

    // A spec that was edited while its pods run may ask for less than they hold.
    private static IEnumerable<(string Node, ResourceList Amounts)> Excess(GangView view, IReadOnlyList<PodSet> podSets)
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
                yield return (pod.Spec.NodeName, new ResourceList(excess));
            }
        }
    }
}
