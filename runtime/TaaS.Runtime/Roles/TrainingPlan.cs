using TaaS.Jobs;
using TaaS.Runtime.Compression;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime;

/// <summary>What a role needs to know of its job.</summary>
internal sealed record TrainingPlan
{
    /// <summary>Folder or file of the data.</summary>
    public required string DataPath { get; init; }

    /// <summary>Passes over the data.</summary>
    public required int Epochs { get; init; }

    /// <summary>Samples of one worker's step.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Update rule.</summary>
    public required OptimizerSettings Optimizer { get; init; }

    /// <summary>Consistency and number of workers.</summary>
    public required UpdatePolicy Policy { get; init; }

    /// <summary>Steps of the chief between checkpoints; 0 for one after each epoch.</summary>
    public int CheckpointSteps { get; init; }

    /// <summary>Number of servers.</summary>
    public required int Servers { get; init; }

    /// <summary>Seed of initialisation and shuffling.</summary>
    public required ulong Seed { get; init; }

    /// <summary>Factor of the loss during the backward pass.</summary>
    public required float LossScale { get; init; }

    /// <summary>Updates of the whole run: in sync all workers make one together, otherwise each makes its own.</summary>
    public long Updates(long stepsPerEpoch) => stepsPerEpoch * Epochs * (Policy.IsSync ? 1 : Policy.Workers);

    /// <summary>Takes what a role needs from a job.</summary>
    public static TrainingPlan Of(TrainingJob job)
    {
        var spec = job.Spec;
        var optimizer = spec.Optimizer;
        var workers = spec.Replicas.GetValueOrDefault(Role.Worker) ?? new ReplicaSpec();
        return new TrainingPlan
        {
            DataPath = spec.DataPath,
            Epochs = spec.Epochs,
            BatchSize = spec.BatchSize,
            Optimizer = new OptimizerSettings
            {
                Name = optimizer.Name,
                LearningRate = (float)optimizer.LearningRate,
                Schedule = optimizer.Schedule,
                Warmup = (float)optimizer.Warmup,
                Momentum = (float)optimizer.Momentum,
                Nesterov = optimizer.Nesterov,
                WeightDecay = (float)optimizer.WeightDecay,
                Beta1 = (float)optimizer.Beta1,
                Beta2 = (float)optimizer.Beta2,
                Epsilon = (float)optimizer.Epsilon,
            },
            Policy = new UpdatePolicy(spec.Update.Mode == UpdateMode.Sync ? 0 : spec.Update.Staleness, Math.Max(1, spec.Workers))
            {
                BackupWorkers = spec.Update.BackupWorkers,
                MinWorkers = workers.Min ?? 0,
                MaxWorkers = workers.Max ?? 0,
                Compression = GradientCompression.Of(spec.Update.Compression, spec.Update.TopKRatio),
            },
            CheckpointSteps = spec.Checkpoint.EverySteps,
            Servers = Math.Max(1, spec.Servers),
            Seed = (ulong)spec.Seed,
            LossScale = (float)spec.LossScale,
        };
    }
}
