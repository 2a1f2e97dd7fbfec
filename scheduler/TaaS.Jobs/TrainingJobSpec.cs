namespace TaaS.Jobs;

/// <summary>What to train, how, and with which replicas. Units and defaults stand at each field.</summary>
public sealed record TrainingJobSpec
{
    /// <summary>Queue that admits the job on a cluster. Default <c>default</c>.</summary>
    public string Queue { get; init; } = "default";

    /// <summary>Higher runs first. Default 0.</summary>
    public int Priority { get; init; }

    /// <summary>What runs.</summary>
    public ProgramSpec Program { get; init; } = new();

    /// <summary>Who keeps the parameters. Default <see cref="Strategy.ParameterServer"/>.</summary>
    public Strategy Strategy { get; init; } = Strategy.ParameterServer;

    /// <summary>How servers apply gradients.</summary>
    public UpdateSpec Update { get; init; } = new();

    /// <summary>Passes over the training set, at least 1. Default 1.</summary>
    public int Epochs { get; init; } = 1;

    /// <summary>Samples a worker takes in one step, at least 1. Default 64.</summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Seed of initialisation, shuffling and dropout. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Device each worker computes on: <c>cpu</c> or <c>cuda:N</c>. Default <c>cpu</c>.</summary>
    public string Device { get; init; } = "cpu";

    /// <summary>How the operands of matrix products and convolutions are rounded; sums, parameters and everything else are f32. Default <see cref="Precision.F32"/>.</summary>
    public Precision Precision { get; init; } = Precision.F32;

    /// <summary>The loss is multiplied by this before the backward pass and gradients are divided by it, which keeps small ones above f16's least number. Default 1, with f16 1024.</summary>
    public double LossScale { get; init; } = 1;

    /// <summary>How parameters change.</summary>
    public OptimizerSpec Optimizer { get; init; } = new();

    /// <summary>Folder of the data set, empty where the program needs none; on a cluster, where <see cref="DataVolume"/> is mounted.</summary>
    public string DataPath { get; init; } = "";

    /// <summary>What is mounted at <see cref="DataPath"/> on a cluster; null where the image holds the data. A local run does without.</summary>
    public VolumeSpec? DataVolume { get; init; }

    /// <summary>Folder that runs are written to; on a cluster, where <see cref="OutputVolume"/> is mounted. Default <c>runs</c>.</summary>
    public string OutputPath { get; init; } = "runs";

    /// <summary>What is mounted at <see cref="OutputPath"/> on a cluster; null keeps runs in the pods, which lose them. A local run does without.</summary>
    public VolumeSpec? OutputVolume { get; init; }

    /// <summary>Image of the roles where <see cref="Program"/> names none; null takes the operator's. A local run does without.</summary>
    public string? Image { get; init; }

    /// <summary>Replicas by role: <c>ps</c>, <c>worker</c>, <c>evaluator</c>.</summary>
    public IReadOnlyDictionary<string, ReplicaSpec> Replicas { get; init; } = new Dictionary<string, ReplicaSpec>();

    /// <summary>When the chief saves; a server or a chief that is lost costs the steps since then.</summary>
    public CheckpointSpec Checkpoint { get; init; } = new();

    /// <summary>Retries, deadlines and what counts as success.</summary>
    public PolicySpec Policy { get; init; } = new();

    /// <summary>How near to each other the pods should be; null leaves it to the scheduler.</summary>
    public PlacementSpec? Placement { get; init; }

    /// <summary>May it be stopped for the sake of another? Default true.</summary>
    public bool Preemptible { get; init; } = true;

    /// <summary>How long it will run, as its owner knows; lets it go ahead of others where it delays none. Null for unknown.</summary>
    public TimeSpan? ExpectedRunTime { get; init; }

    /// <summary>True holds the job back. Default false.</summary>
    public bool Suspend { get; init; }

    /// <summary>Number of parameter servers.</summary>
    public int Servers => Count(Role.ParameterServer);

    /// <summary>Number of workers.</summary>
    public int Workers => Count(Role.Worker);

    private int Count(string role) => Replicas.TryGetValue(role, out var replica) ? replica.Count : 0;
}

/// <summary>Who keeps the parameters and adds up gradients.</summary>
public enum Strategy
{
    /// <summary>Servers keep them; workers push gradients and pull parameters.</summary>
    ParameterServer,

    /// <summary>Workers alone, each a share: gradients are averaged round a ring of workers in step. No servers.</summary>
    Ring,
}

/// <summary>Formats of the operands of matrix products.</summary>
public enum Precision
{
    /// <summary>IEEE 754 binary32.</summary>
    F32,

    /// <summary>Eight bits of exponent, ten of fraction.</summary>
    Tf32,

    /// <summary>Eight bits of exponent, seven of fraction.</summary>
    Bf16,

    /// <summary>IEEE 754 binary16.</summary>
    F16,
}

/// <summary>Names of the roles, as they stand in job files and in <c>TAAS_CONFIG</c>.</summary>
public static class Role
{
    /// <summary>Holds parameters and applies updates.</summary>
    public const string ParameterServer = "ps";

    /// <summary>Computes gradients; worker 0 is the chief.</summary>
    public const string Worker = "worker";

    /// <summary>Scores checkpoints beside the training.</summary>
    public const string Evaluator = "evaluator";

    /// <summary>All roles.</summary>
    public static IReadOnlyList<string> All { get; } = [ParameterServer, Worker, Evaluator];
}

/// <summary>What runs: exactly one of an example by name, a container image, or a path to the user's program.</summary>
public sealed record ProgramSpec
{
    /// <summary>Name of a built-in example.</summary>
    public string? Example { get; init; }

    /// <summary>Container image; with <see cref="Command"/>.</summary>
    public string? Image { get; init; }

    /// <summary>Command in the image; empty takes the image's own.</summary>
    public IReadOnlyList<string> Command { get; init; } = [];

    /// <summary>Folder or file of the user's program.</summary>
    public string? Path { get; init; }
}

/// <summary>When gradients reach the parameters.</summary>
public enum UpdateMode
{
    /// <summary>All workers in step: a barrier each step, gradients averaged.</summary>
    Sync,

    /// <summary>Each push is applied when it arrives.</summary>
    Async,

    /// <summary>As async, but no worker runs more than the staleness bound ahead of the slowest.</summary>
    Ssp,
}

/// <summary>How servers apply gradients.</summary>
/// <param name="Mode">Default async.</param>
/// <param name="Staleness">Steps a worker may be ahead of the slowest: 0 for sync, at least 1 for ssp (default 4), −1 without bound for async.</param>
/// <param name="Compression">
/// Of gradients on the wire: <c>none</c>; <c>fp16</c> or <c>bf16</c>, 2 bytes an element; <c>topk</c>, the largest only; <c>1bit</c> or <c>2bit</c> an element.
/// The last three send later what they leave out. Default none.
/// </param>
public sealed record UpdateSpec(UpdateMode Mode = UpdateMode.Async, int Staleness = -1, string Compression = "none")
{
    /// <summary>Sync: a step does without this many of the slowest workers, never without the chief. Below the number of workers. Default 0.</summary>
    public int BackupWorkers { get; init; }

    /// <summary>With compression topk, the share of a gradient's elements that each step sends, above 0 to 1. Default 0.01.</summary>
    public double TopKRatio { get; init; } = DefaultTopKRatio;

    internal const double DefaultTopKRatio = 0.01;
}

/// <summary>When the chief saves.</summary>
public sealed record CheckpointSpec
{
    /// <summary>Steps of the chief between checkpoints, beside the one after each epoch; 0 for none. Default 0.</summary>
    public int EverySteps { get; init; }
}

/// <summary>How parameters change.</summary>
public sealed record OptimizerSpec
{
    /// <summary><c>sgd</c>, <c>adam</c>, <c>adamw</c>, <c>rmsprop</c> or <c>adagrad</c>. Default sgd.</summary>
    public string Name { get; init; } = "sgd";

    /// <summary>Step size, above 0. Default 0.01.</summary>
    public double LearningRate { get; init; } = 0.01;

    /// <summary>How the rate falls over the run: <c>constant</c>, <c>linear</c> or <c>cosine</c>, the last two to 0. Default constant.</summary>
    public string Schedule { get; init; } = "constant";

    /// <summary>Share of all updates over which the rate first rises linearly from 0, 0 to below 1. Default 0.</summary>
    public double Warmup { get; init; }

    /// <summary>SGD: 0 to below 1. Default 0.</summary>
    public double Momentum { get; init; }

    /// <summary>SGD: Nesterov's momentum. Default false.</summary>
    public bool Nesterov { get; init; }

    /// <summary>At least 0. Default 0.</summary>
    public double WeightDecay { get; init; }

    /// <summary>Adam: decay of the first moment. Default 0.9.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Adam: decay of the second moment. Default 0.999.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to a denominator, above 0. Default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;
}

/// <summary>Replicas of one role.</summary>
public sealed record ReplicaSpec
{
    /// <summary>How many. Default 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Workers: fewest that go on when others leave or are lost; 1 to <see cref="Count"/>. Default: all in mode sync, otherwise 1.</summary>
    public int? Min { get; init; }

    /// <summary>Workers: most there may be when others join; at least <see cref="Count"/>. Default: the count.</summary>
    public int? Max { get; init; }

    /// <summary>Kubernetes quantities by resource: <c>cpu</c>, <c>memory</c>, <c>nvidia.com/gpu</c>, …</summary>
    public IReadOnlyDictionary<string, Quantity> Resources { get; init; } = new Dictionary<string, Quantity>();

    /// <summary>The one <see cref="ResourceFlavor"/> that will do; null takes the first of the queue that fits.</summary>
    public string? Flavor { get; init; }

    /// <summary>Labels a node must carry.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Further rules on nodes.</summary>
    public NodeAffinity Affinity { get; init; } = NodeAffinity.None;

    /// <summary>Taints the pods put up with.</summary>
    public IReadOnlyList<Toleration> Tolerations { get; init; } = [];

    /// <summary>Environment variables of the role.</summary>
    public IReadOnlyDictionary<string, string> Env { get; init; } = new Dictionary<string, string>();

    /// <summary>Most there may ever be: <see cref="Max"/>, or the count.</summary>
    public int Most => Max ?? Count;

    /// <summary>A container's limits: what is counted or set aside whole (devices, huge pages) must have one equal to its request.</summary>
    public IEnumerable<KeyValuePair<string, Quantity>> Limits => Resources.Where(static entry => ResourceName.NeedsLimit(entry.Key));
}

/// <summary>What is mounted on a cluster: exactly one of these.</summary>
public sealed record VolumeSpec
{
    /// <summary>Name of a PersistentVolumeClaim in the job's namespace.</summary>
    public string? Claim { get; init; }

    /// <summary>Folder of the node.</summary>
    public string? HostPath { get; init; }

    /// <summary>Share of an NFS server.</summary>
    public NfsVolume? Nfs { get; init; }

    /// <summary>True for a folder that lives and dies with the pod (<c>emptyDir: {}</c>).</summary>
    public bool EmptyDir { get; init; }
}

/// <summary>Share of an NFS server.</summary>
/// <param name="Server">Host name or address.</param>
/// <param name="Path">Exported path.</param>
public sealed record NfsVolume(string Server, string Path);

/// <summary>How near to each other a job's pods should be.</summary>
/// <param name="TopologyKey">Node label whose value all pods should share, such as <c>nvidia.com/gpu.clique</c> or a rack's.</param>
/// <param name="Required">True waits for a domain that holds the whole gang; false takes the fewest domains.</param>
public sealed record PlacementSpec(string TopologyKey, bool Required);

/// <summary>Retries, deadlines and what counts as success.</summary>
public sealed record PolicySpec
{
    /// <summary>Failures of the user's program before the job fails. Default 3.</summary>
    public int BackoffLimit { get; init; } = 3;

    /// <summary>Longest time the job may run without a break, as <c>activeDeadlineSeconds</c> of a Kubernetes Job: it counts anew after a suspension, a preemption or the loss of a node. None unless told.</summary>
    public TimeSpan? ActiveDeadline { get; init; }

    /// <summary>How long a finished job is kept; for ever unless told.</summary>
    public TimeSpan? TtlAfterFinished { get; init; }

    /// <summary>Whose end decides: <c>chief</c> or <c>all</c>. Default chief.</summary>
    public string Success { get; init; } = "chief";

    /// <summary>How long a gang may take to be whole. Default 5 minutes.</summary>
    public TimeSpan GangTimeout { get; init; } = TimeSpan.FromMinutes(5);
}
