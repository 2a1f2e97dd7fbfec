namespace TaaS.Jobs.Traces;

/// <summary>What must hold between the parts of a trace.</summary>
internal static class TraceRules
{
    private const int MostNodes = 100_000;

    public static IEnumerable<JobProblem> Check(SimulationTrace trace)
    {
        if (trace.Jobs.Count == 0 && trace.Workload is null)
        {
            yield return new JobProblem("spec", 0, "names no jobs; expected jobs (recorded) or workload (made up), or both");
        }

        if (trace.Queues.Count == 0)
        {
            yield return new JobProblem("", 0, "there is no queue; add a document of kind Queue to the trace, or name a file that holds one in spec.files");
        }

        if (trace.Nodes.Sum(static group => (long)group.Count) is var nodes and > MostNodes)
        {
            yield return new JobProblem("spec.nodes", 0, $"expected at most {MostNodes} nodes in all, got {nodes}");
        }

        var problems = Twins("Queue", trace.Queues.Select(static queue => queue.Name))
            .Concat(Twins("ResourceFlavor", trace.Flavors.Select(static flavor => flavor.Name)))
            .Concat(CheckShapes(trace))
            .Concat(trace.Queues.SelectMany(queue => queue.Spec.Quotas.SelectMany((quota, index) =>
                Missing($"Queue {queue.Name}: spec.quotas[{index}].flavor", "flavor", quota.Flavor, trace.Flavors.Select(static flavor => flavor.Name)))))
            .Concat(trace.Failures.SelectMany((failure, index) => CheckNode(trace, failure.Node, index)));
        foreach (var problem in problems)
        {
            yield return problem;
        }
    }

    private static IEnumerable<JobProblem> CheckShapes(SimulationTrace trace)
    {
        var shapes = trace.Jobs.Select(static (job, index) => ($"spec.jobs[{index}]", job.Shape))
            .Concat((trace.Workload?.Mix ?? []).Select(static (mix, index) => ($"spec.workload.mix[{index}]", mix.Shape)));
        foreach (var (path, shape) in shapes)
        {
            var missing = Missing($"{path}.queue", "queue", shape.Queue, trace.Queues.Select(static queue => queue.Name))
                .Concat(shape.Replicas.SelectMany(replica => replica.Value.Flavor is { } flavor
                    ? Missing($"{path}.replicas.{replica.Key}.flavor", "flavor", flavor, trace.Flavors.Select(static known => known.Name))
                    : []));
            foreach (var problem in missing)
            {
                yield return problem;
            }

            var workers = shape.Replicas.GetValueOrDefault(Role.Worker) ?? new ReplicaSpec();
            if (workers.Min > workers.Count)
            {
                yield return new JobProblem($"{path}.replicas.worker.min", 0, $"expected at most the count of {workers.Count}, got {workers.Min}");
            }
        }
    }

    private static IEnumerable<JobProblem> CheckNode(SimulationTrace trace, string node, int index)
    {
        var dash = node.LastIndexOf('-');
        var isThere = dash > 0 && int.TryParse(node.AsSpan(dash + 1), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
            && trace.Nodes.Any(group => group.Name == node[..dash] && number < group.Count);
        return isThere ? [] : [new JobProblem($"spec.failures[{index}].node", 0, $"there is no node {node}; nodes are called by their group with -0, -1, … behind: {string.Join(", ", trace.Nodes.Select(static group => $"{group.Name}-0 to {group.Name}-{group.Count - 1}"))}")];
    }

    private static IEnumerable<JobProblem> Missing(string path, string what, string name, IEnumerable<string> known)
    {
        var names = known.ToArray();
        if (name.Length > 0 && !names.Contains(name))
        {
            yield return new JobProblem(path, 0, $"there is no {what} {name}; {NameHint.For(name, names)}");
        }
    }

    private static IEnumerable<JobProblem> Twins(string kind, IEnumerable<string> names) =>
        names.GroupBy(static name => name).Where(static group => group.Count() > 1).Select(group => new JobProblem("", 0, $"{kind} {group.Key} stands there {group.Count()} times"));
}
