using System.Globalization;
using TaaS.Jobs;
using TaaS.Jobs.Traces;
using TaaS.Scheduling.Model;

namespace TaaS.Scheduling.Simulation;

/// <summary>What a trace file says, as a workload.</summary>
public static class TraceWorkload
{
    private const int DefaultPods = 110;

    /// <summary>Every node and job of a trace, those it makes up among them.</summary>
    public static Workload Of(SimulationTrace trace)
    {
        var flavors = trace.Flavors.ToDictionary(static flavor => flavor.Name, StringComparer.Ordinal);
        var jobs = trace.Jobs.Concat(trace.Workload is { } synthetic ? SyntheticJobs.Make(synthetic) : []);
        return new Workload
        {
            Nodes = [.. trace.Nodes.SelectMany(Nodes)],
            // A trace says nothing of users.
            Queues = [.. trace.Queues.Select(static queue => queue with { Spec = queue.Spec with { AllowedUsers = [] } })],
            Flavors = trace.Flavors,
            Jobs = [.. jobs.OrderBy(static job => job.Submitted).Select(job => Job(job, flavors))],
            Failures = [.. trace.Failures.Select(static failure => new NodeFailure(failure.Node, failure.At, failure.Duration))],
            TerminationTime = trace.TerminationTime,
            CheckpointInterval = trace.CheckpointInterval,
        };
    }

    private static IEnumerable<Node> Nodes(TraceNodes group)
    {
        var allocatable = new Dictionary<string, long>(ResourceList.Capacity(group.Allocatable).Amounts, StringComparer.Ordinal);
        allocatable.TryAdd("pods", DefaultPods);
        for (var number = 0; number < group.Count; number++)
        {
            var labels = new Dictionary<string, string>(group.Labels, StringComparer.Ordinal);
            if (group.RackLabel is { } rack)
            {
                labels[rack] = string.Create(CultureInfo.InvariantCulture, $"{group.Name}-{number / group.RackSize}");
            }

            yield return new Node
            {
                Name = string.Create(CultureInfo.InvariantCulture, $"{group.Name}-{number}"),
                Labels = labels,
                Taints = group.Taints,
                Allocatable = new ResourceList(allocatable),
            };
        }
    }

    private static SimulatedJob Job(TraceJob job, Dictionary<string, ResourceFlavor> flavors) => new(
        new Gang
        {
            Id = job.Name,
            Name = job.Name,
            Queue = job.Shape.Queue,
            Priority = job.Shape.Priority,
            SubmittedAt = Workload.Start + job.Submitted,
            PodSets = PodSets.Of(job.Shape.Replicas, flavors),
            TopologyKey = job.Shape.TopologyKey,
            IsTopologyRequired = job.Shape.IsTopologyRequired,
            IsPreemptible = job.Shape.IsPreemptible,
        },
        job.RunTime,
        job.DeclaredRunTime);
}
