using TaaS.Jobs.Traces;

namespace TaaS.Jobs.Tests.Traces;

/// <summary>Trace files. Lost otherwise: a mistyped trace that simulates something else, without a word.</summary>
public sealed class SimulationTraceTests
{
    private const string Parts = """
        ---
        apiVersion: taas.dev/v1alpha1
        kind: ResourceFlavor
        metadata: {name: gpu}
        spec: {}
        ---
        apiVersion: taas.dev/v1alpha1
        kind: Queue
        metadata: {name: research}
        spec:
          quotas:
            - {flavor: gpu, resources: {nvidia.com/gpu: {nominal: 8}}}
        """;

    private const string Whole = $"""
        apiVersion: taas.dev/v1alpha1
        kind: SimulationTrace
        metadata: {"{name: small}"}
        spec:
          nodes:
            - {"{name: gpu, count: 2, allocatable: {cpu: 8, memory: 32Gi, nvidia.com/gpu: 4}, racks: {label: rack, size: 2}}"}
          jobs:
            - {"{name: one, submitted: 0s, runTime: 1h, declaredRunTime: 2h, queue: research, replicas: {worker: {count: 2}}}"}
          workload:
            jobs: 10
            mix:
              - {"{name: two, queue: research, replicas: {worker: {count: 1}}, runTime: {median: 10m, sigma: 0.5}}"}
          failures:
            - {"{node: gpu-1, at: 0s, for: 5m}"}
        {Parts}
        """;

    [Fact]
    public void Trace_IsReadWithItsQueuesAndDefaults()
    {
        var trace = SimulationTrace.Parse(Whole, NoFiles);

        Assert.Equal(("small", 1, 1), (trace.Name, trace.Queues.Count, trace.Flavors.Count));
        Assert.Equal((2, "rack", 2), (trace.Nodes[0].Count, trace.Nodes[0].RackLabel, trace.Nodes[0].RackSize));
        Assert.Equal((TimeSpan.Zero, TimeSpan.FromHours(1), TimeSpan.FromHours(2)), (trace.Jobs[0].Submitted, trace.Jobs[0].RunTime, trace.Jobs[0].DeclaredRunTime));
        Assert.Equal((1, 10, ArrivalProcess.Poisson), (trace.Workload!.Seed, trace.Workload.Jobs, trace.Workload.Arrivals));
        Assert.Equal((TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(10)), (trace.TerminationTime, trace.CheckpointInterval));
        Assert.Null(trace.Workload.Mix[0].Overestimate);
    }

    [Fact]
    public void Files_BringQueuesAndFlavors_AndWhatElseIsInThemIsPassedOver()
    {
        var alone = Whole.Replace(Parts, "", StringComparison.Ordinal).Replace("spec:\n  nodes:", "spec:\n  files: [queues.yaml]\n  nodes:", StringComparison.Ordinal);

        var trace = SimulationTrace.Parse(alone, name => name == "queues.yaml" ? $"apiVersion: v1\nkind: Namespace\nmetadata: {{name: x}}\n{Parts}" : throw new FileNotFoundException(name));

        Assert.Equal(["research"], trace.Queues.Select(queue => queue.Name));
    }

    [Theory]
    [InlineData("count: 2, allocatable", "count: -2, allocatable", "spec.nodes[0].count: expected a whole number from 1 to 100000, got -2 (line 6)")]
    [InlineData("nvidia.com/gpu: 4", "nvidia.com/gpu: 0.5", "spec.nodes[0].allocatable.\"nvidia.com/gpu\": expected a whole number of devices, got 0.5")]
    [InlineData("submitted: 0s", "submitted: soon", "spec.jobs[0].submitted: expected a length of time such as 0s, 90s or 1h30m, got soon")]
    [InlineData(" runTime: 1h,", "", "spec.jobs[0].runTime: is missing, expected a length of time")]
    [InlineData("declaredRunTime", "declaredRuntime", "spec.jobs[0].declaredRuntime: unknown field; did you mean 'declaredRunTime'?")]
    [InlineData("name: one, submitted: 0s, runTime: 1h, declaredRunTime: 2h, queue: research", "name: one, submitted: 0s, runTime: 1h, queue: reserch", "spec.jobs[0].queue: there is no queue reserch; did you mean 'research'?")]
    [InlineData("jobs: 10", "jobs: 0", "spec.workload.jobs: expected a whole number from 1 to 200000, got 0")]
    [InlineData("median: 10m", "median: 10x", "spec.workload.mix[0].runTime.median: expected a length of time")]
    [InlineData("sigma: 0.5", "sigma: -1", "spec.workload.mix[0].runTime.sigma: expected a number of at least 0, got -1")]
    [InlineData("sigma: 0.5", "sigma: 0.5, max: 1m", "spec.workload.mix[0].runTime.max: expected at least the median of 10m, got 1m")]
    [InlineData("node: gpu-1", "node: gpu-2", "spec.failures[0].node: there is no node gpu-2; nodes are called by their group with -0, -1, … behind: gpu-0 to gpu-1")]
    [InlineData("flavor: gpu, resources", "flavor: gp, resources", "Queue research: spec.quotas[0].flavor: there is no flavor gp; did you mean 'gpu'?")]
    [InlineData("nominal: 8", "nominal: -8", "Queue: spec.quotas[0].resources.\"nvidia.com/gpu\".nominal: expected a whole number of devices, got -8")]
    [InlineData("kind: ResourceFlavor", "kind: ResourceFlavour", "kind: expected SimulationTrace, Queue or ResourceFlavor, got ResourceFlavour")]
    [InlineData("kind: SimulationTrace", "kind: SimulationTrail", "the trace file holds 0 documents of kind SimulationTrace, expected one")]
    [InlineData("racks: {label: rack, size: 2}", "racks: {size: 2}", "spec.nodes[0].racks.label: is missing")]
    [InlineData("replicas: {worker: {count: 2}}", "replicas: {worker: {count: 2, min: 3}}", "spec.jobs[0].replicas.worker.min: expected at most the count of 2, got 3")]
    [InlineData("replicas: {worker: {count: 2}}", "replicas: {worker: {count: 2, flavor: cpu}}", "spec.jobs[0].replicas.worker.flavor: there is no flavor cpu")]
    public void Mistake_IsNamedWithItsPlace(string right, string wrong, string mention)
    {
        Assert.Contains(right, Whole, StringComparison.Ordinal);

        var error = Assert.Throws<JobException>(() => SimulationTrace.Parse(Whole.Replace(right, wrong, StringComparison.Ordinal), NoFiles));

        Assert.Contains(mention, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void TraceWithoutQueues_IsToldWhereTheyGo()
    {
        var alone = Whole[..Whole.IndexOf("---", StringComparison.Ordinal)];

        var error = Assert.Throws<JobException>(() => SimulationTrace.Parse(alone, NoFiles));

        Assert.StartsWith("there is no queue; add a document of kind Queue to the trace, or name a file that holds one in spec.files", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("- a list")]
    [InlineData("spec: {")]
    public void NoTrace_IsRefused(string yaml) =>
        Assert.StartsWith("the trace file ", Assert.Throws<JobException>(() => SimulationTrace.Parse(yaml, NoFiles)).Problems[0].Message, StringComparison.Ordinal);

    private static string NoFiles(string name) => throw new FileNotFoundException(name);
}
