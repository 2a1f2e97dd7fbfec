using System.Text.RegularExpressions;

namespace TaaS.Jobs;

/// <summary>Which fields a job has, of which kind, with which defaults.</summary>
internal static partial class JobReader
{
    public static readonly IReadOnlyDictionary<string, UpdateMode> Modes =
        new Dictionary<string, UpdateMode> { ["sync"] = UpdateMode.Sync, ["async"] = UpdateMode.Async, ["ssp"] = UpdateMode.Ssp };

    public static readonly IReadOnlyDictionary<string, Strategy> Strategies =
        new Dictionary<string, Strategy> { ["parameterServer"] = Strategy.ParameterServer, ["ring"] = Strategy.Ring };

    public static readonly IReadOnlyDictionary<string, Precision> Precisions =
        new Dictionary<string, Precision> { ["f32"] = Precision.F32, ["tf32"] = Precision.Tf32, ["bf16"] = Precision.Bf16, ["f16"] = Precision.F16 };

    private const int DefaultBound = 4;
    private const double HalfLossScale = 1024;
    private const int MostReplicas = 100_000;

    public static TrainingJob Read(FieldMap root)
    {
        root.String("apiVersion", "", required: true, value => value == TrainingJob.ApiVersion, TrainingJob.ApiVersion);
        root.String("kind", "", required: true, value => value == TrainingJob.Kind, TrainingJob.Kind);
        var metadata = root.Map("metadata", required: true);
        var name = metadata.String("name", "", required: true, NamePattern().IsMatch, "lower-case letters, digits and '-', at most 63");
        metadata.String("namespace", "");
        metadata.Map("labels");
        metadata.Map("annotations");
        metadata.RefuseOthers();
        var spec = ReadSpec(root.Map("spec", required: true));
        root.RefuseOthers();
        return new TrainingJob(name, spec);
    }

    private static TrainingJobSpec ReadSpec(FieldMap map)
    {
        var defaults = new TrainingJobSpec();
        var data = map.Map("data", required: true);
        var output = map.Map("output");
        var checkpoint = map.Map("checkpoint");
        var precision = map.OneOf("precision", defaults.Precision, Precisions);
        var strategy = map.OneOf("strategy", defaults.Strategy, Strategies);
        var spec = new TrainingJobSpec
        {
            Queue = map.String("queue", defaults.Queue),
            Priority = map.Integer("priority", 0),
            Program = ReadProgram(map.Map("program", required: true)),
            Strategy = strategy,
            Update = ReadUpdate(map.Map("update"), strategy),
            Epochs = map.Integer("epochs", defaults.Epochs, least: 1),
            BatchSize = map.Integer("batchSize", defaults.BatchSize, least: 1),
            Seed = map.Integer("seed", defaults.Seed, least: 0),
            Device = map.String("device", defaults.Device, valid: DevicePattern().IsMatch, expected: "cpu or cuda:N"),
            Precision = precision,
            LossScale = map.Number("lossScale", precision == Precision.F16 ? HalfLossScale : defaults.LossScale, scale => scale > 0 && double.IsFinite(scale), "a number above 0"),
            Optimizer = ReadOptimizer(map.Map("optimizer")),
            DataPath = data.String("path", "", required: true, expected: "the folder of the data set"),
            OutputPath = output.String("path", defaults.OutputPath),
            Replicas = ReadReplicas(map.Map("replicas", required: true)),
            Checkpoint = new CheckpointSpec { EverySteps = checkpoint.Integer("everySteps", 0, least: 0) },
            Policy = ReadPolicy(map.Map("policy")),
            Suspend = map.Boolean("suspend", false),
        };
        data.RefuseOthers();
        output.RefuseOthers();
        checkpoint.RefuseOthers();
        map.RefuseOthers();
        return spec;
    }

    private static ProgramSpec ReadProgram(FieldMap map)
    {
        var program = new ProgramSpec
        {
            Example = map.OptionalString("example"),
            Image = map.OptionalString("image"),
            Command = map.Strings("command"),
            Path = map.OptionalString("path"),
        };
        map.RefuseOthers();
        return program;
    }

    private static UpdateSpec ReadUpdate(FieldMap map, Strategy strategy)
    {
        string[] compressions = ["none", "fp16", "bf16", "topk", "1bit", "2bit"];
        var mode = map.OneOf("mode", strategy == Strategy.Ring ? UpdateMode.Sync : UpdateMode.Async, Modes);
        var unset = mode switch { UpdateMode.Sync => 0, UpdateMode.Ssp => DefaultBound, _ => -1 };
        var update = new UpdateSpec(
            mode,
            map.Integer("staleness", unset, least: -1),
            map.OneOf("compression", "none", compressions.ToDictionary(static name => name)))
        {
            TopKRatio = map.Number("topkRatio", UpdateSpec.DefaultTopKRatio, static value => value is > 0 and <= 1, "a share above 0 and up to 1"),
            BackupWorkers = map.Integer("backupWorkers", 0, least: 0),
        };
        map.RefuseOthers();
        return update;
    }

    private static OptimizerSpec ReadOptimizer(FieldMap map)
    {
        var defaults = new OptimizerSpec();
        string[] names = ["sgd", "adam", "adamw", "rmsprop", "adagrad"];
        string[] schedules = ["constant", "linear", "cosine"];
        var optimizer = new OptimizerSpec
        {
            Name = map.OneOf("name", defaults.Name, names.ToDictionary(static name => name)),
            LearningRate = map.Number("learningRate", defaults.LearningRate, static value => value > 0, "a number above 0"),
            Schedule = map.OneOf("schedule", defaults.Schedule, schedules.ToDictionary(static name => name)),
            Warmup = map.Number("warmup", 0, static value => value is >= 0 and < 1, "a share of all updates from 0 to below 1"),
            Momentum = map.Number("momentum", 0, static value => value is >= 0 and < 1, "a number from 0 to below 1"),
            Nesterov = map.Boolean("nesterov", false),
            WeightDecay = map.Number("weightDecay", 0, static value => value >= 0, "a number of at least 0"),
            Beta1 = map.Number("beta1", defaults.Beta1, static value => value is >= 0 and < 1, "a number from 0 to below 1"),
            Beta2 = map.Number("beta2", defaults.Beta2, static value => value is >= 0 and < 1, "a number from 0 to below 1"),
            Epsilon = map.Number("epsilon", defaults.Epsilon, static value => value > 0, "a number above 0"),
        };
        map.RefuseOthers();
        return optimizer;
    }

    private static Dictionary<string, ReplicaSpec> ReadReplicas(FieldMap map)
    {
        var replicas = new Dictionary<string, ReplicaSpec>(StringComparer.Ordinal);
        foreach (var role in Role.All)
        {
            var present = map.Has(role);
            var fields = map.Map(role, required: role == Role.Worker);
            if (!present)
            {
                continue;
            }

            replicas[role] = new ReplicaSpec
            {
                Count = fields.Integer("count", 1, least: role == Role.Worker ? 1 : 0, most: MostReplicas),
                Min = role == Role.Worker && fields.Has("min") ? fields.Integer("min", 1, least: 1) : null,
                Max = role == Role.Worker && fields.Has("max") ? fields.Integer("max", 1, least: 1, most: MostReplicas) : null,
                Resources = ReadResources(fields.Map("resources")),
                NodeSelector = ReadStrings(fields.Map("nodeSelector")),
            };
            fields.RefuseOthers();
        }

        map.RefuseOthers();
        return replicas;
    }

    private static Dictionary<string, Quantity> ReadResources(FieldMap map)
    {
        var resources = new Dictionary<string, Quantity>(StringComparer.Ordinal);
        foreach (var name in map.Keys)
        {
            // A device plugin's resource (one with a domain) is counted, not divided.
            var counted = name.Contains('/', StringComparison.Ordinal);
            var expected = counted ? "a whole number of devices" : "a Kubernetes quantity such as 2, 500m or 4Gi";
            var text = map.String(name, "", valid: value => Quantity.TryParse(value, out var amount) && (!counted || amount.Value == decimal.Truncate(amount.Value)), expected: expected);
            if (Quantity.TryParse(text, out var quantity))
            {
                resources[name] = quantity;
            }
        }

        return resources;
    }

    private static Dictionary<string, string> ReadStrings(FieldMap map) =>
        map.Keys.ToDictionary(static key => key, key => map.String(key, ""), StringComparer.Ordinal);

    private static PolicySpec ReadPolicy(FieldMap map)
    {
        var defaults = new PolicySpec();
        var policy = new PolicySpec
        {
            BackoffLimit = map.Integer("backoffLimit", defaults.BackoffLimit, least: 0),
            ActiveDeadline = map.Time("activeDeadline", null),
            TtlAfterFinished = map.Time("ttlAfterFinished", null),
            Success = map.OneOf("success", defaults.Success, new Dictionary<string, string> { ["chief"] = "chief", ["all"] = "all" }),
            GangTimeout = map.Time("gangTimeout", defaults.GangTimeout)!.Value,
        };
        map.RefuseOthers();
        return policy;
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex NamePattern();

    [GeneratedRegex("^(cpu|cuda:[0-9]{1,3})$")]
    private static partial Regex DevicePattern();
}
