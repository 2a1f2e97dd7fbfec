namespace TaaS.Jobs;

/// <summary>Which fields a job has, of which kind, with which defaults.</summary>
internal static class JobReader
{
    public static readonly IReadOnlyDictionary<string, UpdateMode> Modes =
        new Dictionary<string, UpdateMode> { ["sync"] = UpdateMode.Sync, ["async"] = UpdateMode.Async, ["ssp"] = UpdateMode.Ssp };

    public static readonly IReadOnlyDictionary<string, Strategy> Strategies =
        new Dictionary<string, Strategy> { ["parameterServer"] = Strategy.ParameterServer, ["ring"] = Strategy.Ring };

    public static readonly IReadOnlyDictionary<string, Precision> Precisions =
        new Dictionary<string, Precision> { ["f32"] = Precision.F32, ["tf32"] = Precision.Tf32, ["bf16"] = Precision.Bf16, ["f16"] = Precision.F16 };

    private static readonly TextRule Device = new("cpu or cuda:N", FieldPatterns.Device(), 8);

    private const int DefaultBound = 4;
    private const double HalfLossScale = 1024;
    private const int MostArguments = 256;

    public static TrainingJob Read(FieldMap root)
    {
        ReadHead(root, TrainingJob.Kind);
        var metadata = root.Map("metadata", required: true);
        var name = metadata.Text("name", TextRule.JobName, required: true);
        metadata.Text("namespace", TextRule.Name);
        metadata.Map("labels");
        metadata.Map("annotations");
        metadata.RefuseOthers();
        var spec = ReadSpec(root.Map("spec", required: true));
        root.RefuseOthers();
        return new TrainingJob(name, spec);
    }

    public static void ReadHead(FieldMap root, string kind)
    {
        root.OneOf("apiVersion", TrainingJob.ApiVersion, new Dictionary<string, string> { [TrainingJob.ApiVersion] = TrainingJob.ApiVersion }, required: true);
        root.OneOf("kind", kind, new Dictionary<string, string> { [kind] = kind }, required: true);
    }

    public static TrainingJobSpec ReadSpec(FieldMap map)
    {
        var defaults = new TrainingJobSpec();
        var data = map.Map("data");
        var output = map.Map("output");
        var checkpoint = map.Map("checkpoint");
        var precision = map.OneOf("precision", defaults.Precision, Precisions);
        var strategy = map.OneOf("strategy", defaults.Strategy, Strategies);
        var spec = new TrainingJobSpec
        {
            Queue = map.Text("queue", TextRule.Name, defaults.Queue),
            Priority = map.Integer("priority", 0),
            Program = ReadProgram(map.Map("program", required: true)),
            Image = map.OptionalText("image", TextRule.Any),
            Strategy = strategy,
            Update = ReadUpdate(map.Map("update"), strategy),
            Epochs = map.Integer("epochs", defaults.Epochs, least: 1),
            BatchSize = map.Integer("batchSize", defaults.BatchSize, least: 1),
            Seed = map.Integer("seed", defaults.Seed, least: 0),
            Device = map.Text("device", Device, defaults.Device),
            Precision = precision,
            LossScale = map.Number("lossScale", precision == Precision.F16 ? HalfLossScale : defaults.LossScale, NumberRule.Positive, Default.OfOthers),
            Optimizer = ReadOptimizer(map.Map("optimizer")),
            DataPath = data.Text("path", TextRule.Path with { Expected = JobRules.DataFolder }),
            DataVolume = data.Optional("volume", ReadVolume),
            OutputPath = output.Text("path", TextRule.Path, defaults.OutputPath),
            OutputVolume = output.Optional("volume", ReadVolume),
            Replicas = ReplicaReader.Read(map.Map("replicas", required: true)),
            Checkpoint = new CheckpointSpec { EverySteps = checkpoint.Integer("everySteps", 0, least: 0) },
            Policy = ReadPolicy(map.Map("policy")),
            Placement = map.Optional("placement", ReadPlacement),
            Preemptible = map.Boolean("preemptible", defaults.Preemptible),
            ExpectedRunTime = map.Time("expectedRunTime", null),
            Suspend = map.Boolean("suspend", false),
        };
        data.RefuseOthers();
        output.RefuseOthers();
        checkpoint.RefuseOthers();
        map.RefuseOthers();
        return spec;
    }

    private static VolumeSpec ReadVolume(FieldMap map)
    {
        var volume = new VolumeSpec
        {
            Claim = map.OptionalText("claim", TextRule.ObjectName),
            HostPath = map.OptionalText("hostPath", TextRule.AbsolutePath),
            Nfs = map.Optional("nfs", static nfs =>
            {
                var share = new NfsVolume(
                    nfs.Text("server", TextRule.Any with { Expected = "the server's name or address", MaxLength = 253 }, required: true),
                    nfs.Text("path", TextRule.AbsolutePath, required: true));
                nfs.RefuseOthers();
                return share;
            }),
            EmptyDir = map.Optional("emptyDir", static empty =>
            {
                empty.RefuseOthers();
                return empty;
            }) is not null,
        };
        map.RefuseOthers();
        return volume;
    }

    private static PlacementSpec ReadPlacement(FieldMap map)
    {
        var placement = new PlacementSpec(map.Text("topologyKey", TextRule.LabelKey, required: true), map.Boolean("required", false));
        map.RefuseOthers();
        return placement;
    }

    private static ProgramSpec ReadProgram(FieldMap map)
    {
        var program = new ProgramSpec
        {
            Example = map.OptionalText("example", TextRule.Any),
            Image = map.OptionalText("image", TextRule.Any),
            Command = map.Texts("command", new ListRule(MostArguments), TextRule.Path with { Expected = "text", CanBeEmpty = true }),
            Path = map.OptionalText("path", TextRule.Path),
        };
        map.RefuseOthers();
        return program;
    }

    private static UpdateSpec ReadUpdate(FieldMap map, Strategy strategy)
    {
        string[] compressions = ["none", "fp16", "bf16", "topk", "1bit", "2bit"];
        var mode = map.OneOf("mode", strategy == Strategy.Ring ? UpdateMode.Sync : UpdateMode.Async, Modes, Default.OfOthers);
        var unset = mode switch { UpdateMode.Sync => 0, UpdateMode.Ssp => DefaultBound, _ => -1 };
        var update = new UpdateSpec(
            mode,
            map.Integer("staleness", unset, least: -1, basis: Default.OfOthers),
            map.OneOf("compression", "none", compressions.ToDictionary(static name => name)))
        {
            TopKRatio = map.Number("topkRatio", UpdateSpec.DefaultTopKRatio, new NumberRule("a share", 0, false, 1, true)),
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
            LearningRate = map.Number("learningRate", defaults.LearningRate, NumberRule.Positive),
            Schedule = map.OneOf("schedule", defaults.Schedule, schedules.ToDictionary(static name => name)),
            Warmup = map.Number("warmup", 0, NumberRule.BelowOne with { Noun = "a share of all updates" }),
            Momentum = map.Number("momentum", 0, NumberRule.BelowOne),
            Nesterov = map.Boolean("nesterov", false),
            WeightDecay = map.Number("weightDecay", 0, NumberRule.NotNegative),
            Beta1 = map.Number("beta1", defaults.Beta1, NumberRule.BelowOne),
            Beta2 = map.Number("beta2", defaults.Beta2, NumberRule.BelowOne),
            Epsilon = map.Number("epsilon", defaults.Epsilon, NumberRule.Positive),
        };
        map.RefuseOthers();
        return optimizer;
    }

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
}
