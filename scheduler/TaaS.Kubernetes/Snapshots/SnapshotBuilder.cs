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
        var used = new ResourceSums();
        var gangs = new List<Gang>(objects.Jobs.Count);
        var runTimes = RunTimes.Learn(objects.Jobs);
        var seen = new HashSet<string>(objects.Jobs.Count, StringComparer.Ordinal);
        foreach (var resource in objects.Jobs)
        {
            if (resource.Metadata.DeletionTimestamp is null && Try(resource.Read) is { } job)
            {
                seen.Add(resource.Metadata.Uid);
                var reading = GangReading.Of(resource, job, objects.PodsOf(resource.Metadata.Uid), flavors);
                foreach (var (node, amounts) in reading.Beside)
                {
                    used.Add(node, amounts);
                }

                if (reading.Gang(submitter(resource.Metadata), runTimes.Of(resource)) is { } gang)
                {
                    gangs.Add(gang);
                }
            }
        }

        foreach (var pod in objects.Pods)
        {
            if (PodMarks.IsBound(pod) && !PodMarks.IsTerminal(pod) && (PodMarks.JobUid(pod) is not { } uid || !seen.Contains(uid)))
            {
                used.Add(pod.Spec.NodeName, PodRequests.Of(pod));
            }
        }

        return new ClusterSnapshot
        {
            Now = now,
            Nodes = [.. objects.Nodes.Select(node => NodeReader.Read(node, used[node.Metadata.Name]))],
            Queues = [.. objects.Queues.Select(static item => Try(item.Read)).OfType<Queue>()],
            Flavors = [.. flavors.Values],
            Gangs = gangs,
        };
    }

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
