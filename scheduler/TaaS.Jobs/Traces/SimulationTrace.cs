namespace TaaS.Jobs.Traces;

/// <summary>A cluster, its queues and what is submitted to them, for <c>taas sim</c>.</summary>
public sealed record SimulationTrace
{
    /// <summary>Kind of the file format.</summary>
    public const string Kind = "SimulationTrace";

    /// <summary>Name for titles.</summary>
    public required string Name { get; init; }

    /// <summary>Groups of equal nodes; at least one node in all.</summary>
    public IReadOnlyList<TraceNodes> Nodes { get; init; } = [];

    /// <summary>Every queue; at least one.</summary>
    public IReadOnlyList<Queue> Queues { get; init; } = [];

    /// <summary>Every flavor.</summary>
    public IReadOnlyList<ResourceFlavor> Flavors { get; init; } = [];

    /// <summary>Jobs as they were recorded.</summary>
    public IReadOnlyList<TraceJob> Jobs { get; init; } = [];

    /// <summary>Jobs to make up; null for none.</summary>
    public SyntheticWorkload? Workload { get; init; }

    /// <summary>Nodes that go and come back.</summary>
    public IReadOnlyList<TraceFailure> Failures { get; init; } = [];

    /// <summary>How long the pods of a gang that was stopped hold what they have. Default 30 s.</summary>
    public TimeSpan TerminationTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Work since the last checkpoint is lost when a gang is stopped; one is written each time it has worked so long. Default 10 minutes.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Reads a trace: one document of kind <see cref="Kind"/>, beside documents of kinds <see cref="Queue"/> and <see cref="ResourceFlavor"/>.</summary>
    /// <param name="yaml">The trace file's text.</param>
    /// <param name="open">Reads a file named by <c>spec.files</c>, with more queues and flavors.</param>
    /// <exception cref="JobException">Anything unknown, missing, of a wrong type or unit, or impossible.</exception>
    public static SimulationTrace Parse(string yaml, Func<string, string> open) => TraceDocuments.Read(yaml, open);
}

/// <summary>Equal nodes.</summary>
public sealed record TraceNodes
{
    /// <summary>Nodes are called this, with <c>-0</c>, <c>-1</c>, …</summary>
    public required string Name { get; init; }

    /// <summary>How many, at least 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Labels of each.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints of each.</summary>
    public IReadOnlyList<Taint> Taints { get; init; } = [];

    /// <summary>What each offers to pods; 110 pods unless told.</summary>
    public IReadOnlyDictionary<string, Quantity> Allocatable { get; init; } = new Dictionary<string, Quantity>();

    /// <summary>Label that tells racks (or NVLink domains) apart; null for none.</summary>
    public string? RackLabel { get; init; }

    /// <summary>With a <see cref="RackLabel"/>: nodes in a row that share its value.</summary>
    public int RackSize { get; init; }
}

/// <summary>What the scheduler is told of a job.</summary>
public sealed record TraceJobShape
{
    /// <summary>Name of the queue.</summary>
    public required string Queue { get; init; }

    /// <summary>Higher runs first. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>As in a job file.</summary>
    public IReadOnlyDictionary<string, ReplicaSpec> Replicas { get; init; } = new Dictionary<string, ReplicaSpec>();

    /// <summary>Node label whose value all pods should share; null for none.</summary>
    public string? TopologyKey { get; init; }

    /// <summary>Wait for a domain that holds all pods?</summary>
    public bool IsTopologyRequired { get; init; }

    /// <summary>May it be stopped for another? Default true.</summary>
    public bool IsPreemptible { get; init; } = true;
}

/// <summary>A recorded job.</summary>
/// <param name="Name">Unique name.</param>
/// <param name="Submitted">When it was submitted, from the start of the trace.</param>
/// <param name="RunTime">How long it ran with all its pods.</param>
/// <param name="DeclaredRunTime">How long its user said it would; null where the user said nothing.</param>
/// <param name="Shape">What the scheduler is told of it.</param>
public sealed record TraceJob(string Name, TimeSpan Submitted, TimeSpan RunTime, TimeSpan? DeclaredRunTime, TraceJobShape Shape);

/// <summary>Jobs that are made up: arrivals at random, of several kinds, which run for log-normal times.</summary>
public sealed record SyntheticWorkload
{
    /// <summary>The same seed makes the same jobs.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>How many jobs.</summary>
    public int Jobs { get; init; }

    /// <summary>How many arrive in an hour, on average.</summary>
    public double ArrivalsPerHour { get; init; }

    /// <summary>How they are spread over time.</summary>
    public ArrivalProcess Arrivals { get; init; } = ArrivalProcess.Poisson;

    /// <summary>Kinds of jobs, at least one.</summary>
    public IReadOnlyList<JobMix> Mix { get; init; } = [];
}

/// <summary>How arrivals are spread over time.</summary>
public enum ArrivalProcess
{
    /// <summary>Each at a moment of its own: exponential times between them.</summary>
    Poisson,

    /// <summary>At equal distances.</summary>
    Uniform,

    /// <summary>All in the first half of each hour, at random: work starts, then it is quiet.</summary>
    Bursts,
}

/// <summary>One kind of job.</summary>
/// <param name="Name">Jobs are called this, with <c>-0</c>, <c>-1</c>, …</param>
/// <param name="Weight">How often it comes, against the others.</param>
/// <param name="Shape">What the scheduler is told of it.</param>
/// <param name="MedianRunTime">Half of them run for less.</param>
/// <param name="Sigma">Standard deviation of the logarithm of run times; 0 makes all equal.</param>
/// <param name="MostRunTime">None runs for longer.</param>
/// <param name="Overestimate">Users declare the true run time times a number from 1 to this, drawn evenly; null where they declare nothing.</param>
public sealed record JobMix(string Name, double Weight, TraceJobShape Shape, TimeSpan MedianRunTime, double Sigma, TimeSpan MostRunTime, double? Overestimate);

/// <summary>A node goes and comes back.</summary>
/// <param name="Node">Name of the node, such as <c>gpu-3</c>.</param>
/// <param name="At">When, from the start of the trace.</param>
/// <param name="Duration">Until it is back.</param>
public sealed record TraceFailure(string Node, TimeSpan At, TimeSpan Duration);
