using k8s.Models;
using TaaS.Jobs;

namespace TaaS.Kubernetes;

/// <summary>One job with all that belongs to it, at one moment.</summary>
internal sealed class GangView
{
    private readonly Dictionary<(string Role, int Index), V1Pod> _pods = [];

    public GangView(TrainingJobResource resource, TrainingJob? job, TrainingJobStatus status, IReadOnlyList<V1Pod> pods)
    {
        (Resource, Job, Status, AllPods) = (resource, job, status, pods);
        var planned = status.Placement.ToDictionary(static pod => (pod.Role, pod.Index));
        var others = new List<V1Pod>();
        foreach (var pod in pods)
        {
            var place = (PodMarks.Role(pod), PodMarks.Index(pod));
            if (!status.IsFinished && PodMarks.Attempt(pod) == status.Attempt && planned.TryGetValue(place, out var assignment)
                && (!PodMarks.IsBound(pod) || pod.Spec.NodeName == assignment.Node))
            {
                _pods[place] = pod;
            }
            else
            {
                others.Add(pod);
            }
        }

        Surplus = others;
    }

    public TrainingJobResource Resource { get; }

    /// <summary>The job; null where its spec cannot be read.</summary>
    public TrainingJob? Job { get; }

    public TrainingJobStatus Status { get; }

    /// <summary>Every pod of the job.</summary>
    public IReadOnlyList<V1Pod> AllPods { get; }

    /// <summary>Pods that the status does not plan: of earlier attempts, of a job that waits, on another node.</summary>
    public IReadOnlyList<V1Pod> Surplus { get; }

    /// <summary>Does it hold a placement that its pods are to follow?</summary>
    public bool IsPlaced => !Status.IsFinished && Status.Placement.Count > 0;

    public string Uid => Resource.Metadata.Uid;

    public string Space => Resource.Metadata.NamespaceProperty;

    public string Name => Resource.Metadata.Name;

    /// <summary>Planned pods that exist.</summary>
    public IEnumerable<V1Pod> Pods => _pods.Values;

    /// <summary>The pod of a place in the plan, or null.</summary>
    public V1Pod? Pod(PodAssignment place) => _pods.GetValueOrDefault((place.Role, place.Index));

    /// <summary>Workers beyond the fewest that the job goes on with: they come and go.</summary>
    public bool IsOptional(PodAssignment place) =>
        place.Role == Role.Worker && Job?.Spec.Replicas.GetValueOrDefault(Role.Worker)?.Min is { } least && place.Index >= least;

    /// <summary>Every pod of the plan that the job cannot do without is running or has done its work.</summary>
    public bool IsWhole(bool withOptional) => Status.Placement.Where(place => withOptional || !IsOptional(place)).All(place => Pod(place) is { } pod && IsUp(pod));

    /// <summary>Running, or done well.</summary>
    public static bool IsUp(V1Pod pod) => pod.Status?.Phase is "Running" or "Succeeded" && !PodMarks.IsDeleting(pod);
}
