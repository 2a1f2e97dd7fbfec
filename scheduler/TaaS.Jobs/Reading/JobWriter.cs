using System.Text.Json.Nodes;

namespace TaaS.Jobs;

/// <summary>Writes a job with all its defaults.</summary>
internal static class JobWriter
{
    public static JsonObject Write(TrainingJob job) => new()
    {
        ["apiVersion"] = TrainingJob.ApiVersion,
        ["kind"] = TrainingJob.Kind,
        ["metadata"] = new JsonObject { ["name"] = job.Name },
        ["spec"] = Write(job.Spec),
    };

    public static JsonObject Write(TrainingJobSpec spec)
    {
        var map = new JsonObject
        {
            ["queue"] = spec.Queue,
            ["priority"] = spec.Priority,
            ["program"] = WriteProgram(spec.Program),
        };
        AddIf(map, "image", spec.Image);
        map["strategy"] = Word(JobReader.Strategies, spec.Strategy);
        map["update"] = WriteUpdate(spec.Update);
        map["epochs"] = spec.Epochs;
        map["batchSize"] = spec.BatchSize;
        map["seed"] = spec.Seed;
        map["device"] = spec.Device;
        map["precision"] = Word(JobReader.Precisions, spec.Precision);
        map["lossScale"] = spec.LossScale;
        map["optimizer"] = WriteOptimizer(spec.Optimizer);
        if (spec.DataPath.Length > 0)
        {
            map["data"] = WriteFolder(spec.DataPath, spec.DataVolume);
        }

        map["output"] = WriteFolder(spec.OutputPath, spec.OutputVolume);
        map["replicas"] = Map(spec.Replicas, ReplicaWriter.Write);
        map["checkpoint"] = new JsonObject { ["everySteps"] = spec.Checkpoint.EverySteps };
        map["policy"] = WritePolicy(spec.Policy);
        if (spec.Placement is { } placement)
        {
            map["placement"] = new JsonObject { ["topologyKey"] = placement.TopologyKey, ["required"] = placement.Required };
        }

        map["preemptible"] = spec.Preemptible;
        AddIf(map, "expectedRunTime", spec.ExpectedRunTime);
        map["suspend"] = spec.Suspend;
        return map;
    }

    public static JsonObject Map<T>(IEnumerable<KeyValuePair<string, T>> entries, Func<T, JsonNode?> write) =>
        new(entries.Select(entry => KeyValuePair.Create(entry.Key, write(entry.Value))));

    public static JsonArray List<T>(IEnumerable<T> items, Func<T, JsonNode?> write) => new([.. items.Select(write)]);

    /// <summary>A whole number as such, anything else as text; the API takes both.</summary>
    public static JsonNode? Amount(Quantity quantity) => int.TryParse(quantity.Text, out var number) && number.ToString(System.Globalization.CultureInfo.InvariantCulture) == quantity.Text ? number : quantity.Text;

    public static string Word<T>(IReadOnlyDictionary<string, T> words, T value) =>
        words.First(word => EqualityComparer<T>.Default.Equals(word.Value, value)).Key;

    public static void AddIf(JsonObject map, string key, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            map[key] = value;
        }
    }

    private static void AddIf(JsonObject map, string key, TimeSpan? value) =>
        AddIf(map, key, value is { } time ? Duration.Format(time) : null);

    private static JsonObject WriteProgram(ProgramSpec program)
    {
        var map = new JsonObject();
        AddIf(map, "example", program.Example);
        AddIf(map, "image", program.Image);
        AddIf(map, "path", program.Path);
        if (program.Command.Count > 0)
        {
            map["command"] = List(program.Command, static text => text);
        }

        return map;
    }

    private static JsonObject WriteFolder(string path, VolumeSpec? volume)
    {
        var map = new JsonObject { ["path"] = path };
        if (volume is not null)
        {
            var source = new JsonObject();
            AddIf(source, "claim", volume.Claim);
            AddIf(source, "hostPath", volume.HostPath);
            if (volume.Nfs is { } nfs)
            {
                source["nfs"] = new JsonObject { ["server"] = nfs.Server, ["path"] = nfs.Path };
            }

            if (volume.EmptyDir)
            {
                source["emptyDir"] = new JsonObject();
            }

            map["volume"] = source;
        }

        return map;
    }

    private static JsonObject WriteUpdate(UpdateSpec update) => new()
    {
        ["mode"] = Word(JobReader.Modes, update.Mode),
        ["staleness"] = update.Staleness,
        ["backupWorkers"] = update.BackupWorkers,
        ["compression"] = update.Compression,
        ["topkRatio"] = update.TopKRatio,
    };

    private static JsonObject WriteOptimizer(OptimizerSpec optimizer) => new()
    {
        ["name"] = optimizer.Name,
        ["learningRate"] = optimizer.LearningRate,
        ["schedule"] = optimizer.Schedule,
        ["warmup"] = optimizer.Warmup,
        ["momentum"] = optimizer.Momentum,
        ["nesterov"] = optimizer.Nesterov,
        ["weightDecay"] = optimizer.WeightDecay,
        ["beta1"] = optimizer.Beta1,
        ["beta2"] = optimizer.Beta2,
        ["epsilon"] = optimizer.Epsilon,
    };

    private static JsonObject WritePolicy(PolicySpec policy)
    {
        var map = new JsonObject
        {
            ["backoffLimit"] = policy.BackoffLimit,
            ["success"] = policy.Success,
            ["gangTimeout"] = Duration.Format(policy.GangTimeout),
        };
        AddIf(map, "activeDeadline", policy.ActiveDeadline);
        AddIf(map, "ttlAfterFinished", policy.TtlAfterFinished);
        return map;
    }
}
