namespace TaaS.Jobs;

/// <summary>What must hold between fields.</summary>
internal static class JobRules
{
    /// <summary>What <c>spec.data.path</c> is, in the words of a problem.</summary>
    internal const string DataFolder = "the folder of the data set";

    public static IEnumerable<JobProblem> Check(TrainingJob job)
    {
        var spec = job.Spec;
        var program = spec.Program;
        var chosen = new[] { program.Example, program.Image, program.Path }.Count(static choice => choice is not null);
        if (chosen != 1)
        {
            yield return new JobProblem("spec.program", 0, $"expected exactly one of example, image, path; got {chosen}");
        }

        if (program.Command.Count > 0 && program.Image is null)
        {
            yield return new JobProblem("spec.program.command", 0, "goes with image only");
        }

        if (spec.Image is not null && program.Image is not null)
        {
            yield return new JobProblem("spec.image", 0, "goes with program.example and program.path only; program.image names its own");
        }

        if (program.Example is not null && spec.DataPath.Length == 0)
        {
            yield return new JobProblem("spec.data.path", 0, $"is missing, expected {DataFolder}, which program.example reads");
        }

        foreach (var problem in CheckVolume("spec.data.volume", spec.DataPath, spec.DataVolume).Concat(CheckVolume("spec.output.volume", spec.OutputPath, spec.OutputVolume)).Concat(CheckNames(job)))
        {
            yield return problem;
        }

        var staleness = spec.Update.Staleness;
        var expected = spec.Update.Mode switch
        {
            UpdateMode.Sync when staleness != 0 => "0 (or nothing) with mode sync",
            UpdateMode.Ssp when staleness < 1 => "at least 1 with mode ssp",
            UpdateMode.Async when staleness == 0 => "-1 (no bound) or at least 1 with mode async; for 0 use mode sync",
            _ => null,
        };
        if (expected is not null)
        {
            yield return new JobProblem("spec.update.staleness", 0, $"expected {expected}, got {staleness}");
        }

        if (spec.Update.BackupWorkers > 0 && spec.Update.Mode != UpdateMode.Sync)
        {
            yield return new JobProblem("spec.update.backupWorkers", 0, "goes with mode sync only: in the others no worker waits for all");
        }
        else if (spec.Update.BackupWorkers > 0 && spec.Update.BackupWorkers >= spec.Workers)
        {
            yield return new JobProblem("spec.update.backupWorkers", 0, $"expected fewer than the {spec.Workers} workers, got {spec.Update.BackupWorkers}");
        }

        var workers = spec.Replicas.GetValueOrDefault(Role.Worker) ?? new ReplicaSpec();
        if (workers.Min > workers.Count)
        {
            yield return new JobProblem("spec.replicas.worker.min", 0, $"expected at most the count of {workers.Count}, got {workers.Min}");
        }

        if (workers.Max < workers.Count)
        {
            yield return new JobProblem("spec.replicas.worker.max", 0, $"expected at least the count of {workers.Count}, got {workers.Max}");
        }

        if (spec.Update.Compression != "topk" && spec.Update.TopKRatio != UpdateSpec.DefaultTopKRatio)
        {
            yield return new JobProblem("spec.update.topkRatio", 0, $"goes with compression topk only, the compression is {spec.Update.Compression}");
        }

        if (spec.Optimizer.Nesterov && spec.Optimizer.Momentum == 0)
        {
            yield return new JobProblem("spec.optimizer.nesterov", 0, "needs a momentum above 0");
        }

        if (spec.Optimizer.Name != "sgd" && spec.Optimizer.Momentum != 0)
        {
            yield return new JobProblem("spec.optimizer.momentum", 0, $"goes with sgd only, the optimizer is {spec.Optimizer.Name}");
        }

        if (spec.Precision != Precision.F32 && spec.Device == "cpu")
        {
            yield return new JobProblem("spec.precision", 0, "the device cpu computes in f32 only; name a GPU in spec.device, such as cuda:0");
        }

        if (spec.Servers == 0 && spec.Workers > 1 && spec.Strategy == Strategy.ParameterServer)
        {
            yield return new JobProblem("spec.replicas.ps.count", 0, $"{spec.Workers} workers need at least 1 server, or strategy ring");
        }

        foreach (var problem in spec.Strategy == Strategy.Ring ? CheckRing(spec, workers) : [])
        {
            yield return problem;
        }
    }

    private static IEnumerable<JobProblem> CheckVolume(string field, string path, VolumeSpec? volume)
    {
        if (volume is null)
        {
            yield break;
        }

        var chosen = new[] { volume.Claim is not null, volume.HostPath is not null, volume.Nfs is not null, volume.EmptyDir }.Count(static choice => choice);
        if (chosen != 1)
        {
            yield return new JobProblem(field, 0, $"expected exactly one of claim, hostPath, nfs, emptyDir; got {chosen}");
        }

        if (!TextRule.AbsolutePath.Accepts(path))
        {
            yield return new JobProblem(field[..field.LastIndexOf('.')] + ".path", 0, $"expected a path that begins with /, where the volume is mounted, got {(path.Length == 0 ? "none" : path)}");
        }
    }

    // A pod's name is its host name, by which the others find it.
    private static IEnumerable<JobProblem> CheckNames(TrainingJob job)
    {
        var names = job.Spec.Replicas.Where(static replica => replica.Value.Most > 0).Select(replica => PodNames.Pod(job.Name, replica.Key, replica.Value.Most - 1));
        if (names.MaxBy(static name => name.Length) is { } longest && longest.Length > PodNames.MaxLength)
        {
            yield return new JobProblem("metadata.name", 0, $"makes pod names such as {longest}, of {longest.Length} characters where at most {PodNames.MaxLength} may be; shorten the name by {longest.Length - PodNames.MaxLength}");
        }
    }

    // Every worker keeps a share of the parameters, so none can be done without, and none can be a step behind.
    private static IEnumerable<JobProblem> CheckRing(TrainingJobSpec spec, ReplicaSpec workers)
    {
        if (spec.Servers > 0)
        {
            yield return new JobProblem("spec.replicas.ps.count", 0, $"strategy ring has no servers; leave ps out or set 0, got {spec.Servers}");
        }

        if (spec.Update.Mode != UpdateMode.Sync)
        {
            yield return new JobProblem("spec.update.mode", 0, $"strategy ring keeps all workers in step; expected sync (or nothing), got {JobReader.Modes.Single(mode => mode.Value == spec.Update.Mode).Key}");
        }

        if (spec.Update.BackupWorkers > 0)
        {
            yield return new JobProblem("spec.update.backupWorkers", 0, $"strategy ring needs every worker in every step; expected 0, got {spec.Update.BackupWorkers}");
        }

        if (spec.Update.Compression != "none")
        {
            yield return new JobProblem("spec.update.compression", 0, $"strategy ring sends plain f32; expected none, got {spec.Update.Compression}");
        }

        if ((workers.Min ?? workers.Count) != workers.Count || (workers.Max ?? workers.Count) != workers.Count)
        {
            yield return new JobProblem("spec.replicas.worker", 0, "strategy ring has the same workers from start to end; leave out min and max");
        }
    }
}
