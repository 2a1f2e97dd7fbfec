namespace TaaS.Scheduling.Simulation;

/// <summary>How a workload went under one policy.</summary>
public sealed record SimulationResult
{
    /// <summary>Name of the policy.</summary>
    public required string Policy { get; init; }

    /// <summary>Jobs submitted.</summary>
    public required int Jobs { get; init; }

    /// <summary>Jobs that ran to their end.</summary>
    public required int Finished { get; init; }

    /// <summary>Jobs that the scheduler refused for good, with its reason; see <see cref="Model.Verdict.IsFinal"/>.</summary>
    public required IReadOnlyDictionary<string, string> Refused { get; init; }

    /// <summary>Jobs that still waited when nothing more could happen, with the scheduler's last word on them.</summary>
    public required IReadOnlyDictionary<string, string> Stuck { get; init; }

    /// <summary>From the first submission to the last end, or the last submission where that was refused later.</summary>
    public required TimeSpan Makespan { get; init; }

    /// <summary>Part of all GPUs (and other devices) that jobs held, on average from the first submission to the last end; 0 without GPUs.</summary>
    public required double GpuUtilisation { get; init; }

    /// <summary>The same from the first submission to the last one, so without the time in which the cluster only empties.</summary>
    public required double GpuUtilisationWhileSubmitting { get; init; }

    /// <summary>Part of all processor cores that jobs held, from the first submission to the last end.</summary>
    public required double CpuUtilisation { get; init; }

    /// <summary>Seconds that jobs waited, all times of waiting of one job together.</summary>
    public required Statistics WaitSeconds { get; init; }

    /// <summary>
    /// Seconds that jobs stood at the head of their queue, over all jobs, those that started from further behind with 0: a mean over heads alone
    /// would rise where fewer, and larger, jobs ever become heads.
    /// </summary>
    public required Statistics HeadDelaySeconds { get; init; }

    /// <summary>Queue by queue, by name.</summary>
    public required IReadOnlyList<QueueResult> Queues { get; init; }

    /// <summary>Jain's index over queues of what each held against what it is entitled to, while it wanted more: 1 is even, 1/n is all to one.</summary>
    public required double Fairness { get; init; }

    /// <summary>Gangs that were stopped for others.</summary>
    public required int Preemptions { get; init; }

    /// <summary>Gangs that lost a node.</summary>
    public required int LostToNodes { get; init; }

    /// <summary>GPU hours of work done again because of both; core hours in a cluster without GPUs.</summary>
    public required double WorkLostHours { get; init; }

    /// <summary>Part of all GPUs that were free but of no use to the largest gang that waited, on average while one did.</summary>
    public required double Fragmentation { get; init; }

    /// <summary>Jobs that overtook the head of their queue.</summary>
    public required int Backfilled { get; init; }

    /// <summary>Passes of the scheduler.</summary>
    public required int Passes { get; init; }

    /// <summary>Use over time: each point holds until the next.</summary>
    public required IReadOnlyList<UsePoint> Use { get; init; }
}

/// <summary>How one queue fared.</summary>
/// <param name="Name">Name of the queue.</param>
/// <param name="Jobs">Jobs submitted to it.</param>
/// <param name="WaitSeconds">How long they waited.</param>
/// <param name="Share">Its dominant share of the cluster, on average while it had jobs waiting or running.</param>
/// <param name="Entitled">Its nominal quota as dominant share, and its part by weight of what is nobody's quota.</param>
public sealed record QueueResult(string Name, int Jobs, Statistics WaitSeconds, double Share, double Entitled);

/// <summary>Use of the cluster from a moment on.</summary>
/// <param name="At">Since the start.</param>
/// <param name="Gpu">Part of all GPUs held; of all cores in a cluster without GPUs.</param>
/// <param name="Waiting">Jobs that wait.</param>
public readonly record struct UsePoint(TimeSpan At, double Gpu, int Waiting);
