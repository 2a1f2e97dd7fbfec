using CsCheck;

namespace TaaS.Jobs.Tests;

/// <summary>A job file that is read wrongly wastes hours; one that is refused without a reason wastes a user's patience.</summary>
public sealed class TrainingJobTests
{
    private const string Minimal = """
        apiVersion: taas.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: small}
        spec:
          program: {example: fashion-mnist}
          data: {path: /data}
          replicas:
            ps: {count: 1}
            worker: {count: 2}
        """;

    public static TheoryData<string, string> BadSettings => new()
    {
        { "spec.replicas.worker.count=two", "spec.replicas.worker.count: expected a whole number from 1 to 100000, got two" },
        { "spec.replicas.worker.count=1.5", "spec.replicas.worker.count: expected a whole number" },
        { "spec.epochs=0", "spec.epochs: expected a whole number of at least 1, got 0" },
        { "spec.batchSize=", "spec.batchSize: expected a whole number of at least 1, got nothing" },
        { "spec.epoch=3", "spec.epoch: unknown field; did you mean 'epochs'?" },
        { "spec.colour=red", "spec.colour: unknown field; known here: " },
        { "spec.optimizer.learningRate=fast", "spec.optimizer.learningRate: expected a number above 0, got fast" },
        { "spec.optimizer.learningRate=NaN", "spec.optimizer.learningRate: expected a number above 0" },
        { "spec.optimizer.schedule=cosinus", "spec.optimizer.schedule: expected one of constant, linear, cosine, got cosinus" },
        { "spec.optimizer.warmup=1", "spec.optimizer.warmup: expected a share of all updates from 0 to below 1, got 1" },
        { "spec.optimizer.name=sdg", "spec.optimizer.name: expected one of sgd, adam, adamw, rmsprop, adagrad, got sdg" },
        { "spec.optimizer={name: adam, momentum: 0.9}", "spec.optimizer.momentum: goes with sgd only" },
        { "spec.update={mode: sync, staleness: 2}", "spec.update.staleness: expected 0 (or nothing) with mode sync, got 2" },
        { "spec.update={mode: ssp, staleness: 0}", "spec.update.staleness: expected at least 1 with mode ssp" },
        { "spec.update={mode: async, backupWorkers: 1}", "spec.update.backupWorkers: goes with mode sync only" },
        { "spec.update={mode: sync, backupWorkers: 2}", "spec.update.backupWorkers: expected fewer than the 2 workers, got 2" },
        { "spec.replicas.worker.min=3", "spec.replicas.worker.min: expected at most the count of 2, got 3" },
        { "spec.replicas.worker.max=1", "spec.replicas.worker.max: expected at least the count of 2, got 1" },
        { "spec.checkpoint.everySteps=-1", "spec.checkpoint.everySteps: expected a whole number of at least 0, got -1" },
        { "spec.update.mode=often", "spec.update.mode: expected one of sync, async, ssp, got often" },
        { "spec.update.compression=zip", "spec.update.compression: expected one of none, fp16, bf16, topk, 1bit, 2bit, got zip" },
        { "spec.update={compression: topk, topkRatio: 0}", "spec.update.topkRatio: expected a share above 0 and up to 1, got 0" },
        { "spec.update={compression: topk, topkRatio: 1%}", "spec.update.topkRatio: expected a share above 0 and up to 1, got 1%" },
        { "spec.update.topkRatio=0.1", "spec.update.topkRatio: goes with compression topk only, the compression is none" },
        { "spec.program.image=x", "spec.program: expected exactly one of example, image, path; got 2" },
        { "spec.replicas.ps.count=0", "spec.replicas.ps.count: 2 workers need at least 1 server, or strategy ring" },
        { "spec.strategy=tree", "spec.strategy: expected one of parameterServer, ring, got tree" },
        { "spec.strategy=ring", "spec.replicas.ps.count: strategy ring has no servers; leave ps out or set 0, got 1" },
        { "spec.replicas.worker.resources.memory=32Gb", "expected a Kubernetes quantity such as 2, 500m or 4Gi, got 32Gb" },
        { "spec.replicas.worker.resources.\"nvidia.com/gpu\"=-1", "spec.replicas.worker.resources.\"nvidia.com/gpu\": expected a whole number of devices, got -1" },
        { "spec.replicas.worker.resources.\"nvidia.com/gpu\"=0.5", "spec.replicas.worker.resources.\"nvidia.com/gpu\": expected a whole number of devices, got 0.5" },
        { "spec.replicas.worker.resources.gpu=1", "spec.replicas.worker.resources.gpu: expected cpu, memory, ephemeral-storage, hugepages-SIZE or a device's DOMAIN/NAME such as nvidia.com/gpu for a name, got gpu" },
        { "spec.replicas.worker.resources={limits: {cpu: 1}}", "spec.replicas.worker.resources.limits: expected cpu, memory" },
        { "spec.replicas.ps.min=1", "spec.replicas.ps.min: unknown field" },
        { "spec.queue=Research", "spec.queue: expected lower-case letters, digits and '-', at most 63, got Research" },
        { "metadata.name=1st", "metadata.name: expected lower-case letters, digits and '-', at most 63, the first a letter, got 1st" },
        { "metadata.name=a123456789b123456789c123456789d123456789e123456789f1234567", "metadata.name: makes pod names such as a123456789b123456789c123456789d123456789e123456789f1234567-worker-1, of 67 characters where at most 63 may be; shorten the name by 4" },
        { "spec.replicas.worker.resources.\"nvidia.com/gpu\"=500m", "spec.replicas.worker.resources.\"nvidia.com/gpu\": expected a whole number of devices, got 500m" },
        { "spec.replicas.worker.resources.cpu=-1", "spec.replicas.worker.resources.cpu: expected a Kubernetes quantity" },
        { "spec.policy.activeDeadline=6 hours", "spec.policy.activeDeadline: expected a length of time such as 90s, 5m or 1h30m" },
        { "spec.device=gpu", "spec.device: expected cpu or cuda:N, got gpu" },
        { "spec.precision=half", "spec.precision: expected one of f32, tf32, bf16, f16, got half" },
        { "spec.precision=bf16", "spec.precision: the device cpu computes in f32 only; name a GPU in spec.device" },
        { "spec.lossScale=0", "spec.lossScale: expected a number above 0, got 0" },
        { "spec.suspend=maybe", "spec.suspend: expected one of true, false" },
        { "metadata.name=Not_A_Name", "metadata.name: expected lower-case letters" },
        { "spec.data={}", "spec.data.path: is missing, expected the folder of the data set, which program.example reads" },
        { "spec.data=[a]", "spec.data: expected a map of fields, got a list" },
        { "spec.program.example.x=3", "spec.program.example: --set spec.program.example.x=3: this is a value" },
        { "nonsense", "expected FIELD=VALUE" },
        { "spec.epochs={", "is not valid YAML" },
    };

    [Theory]
    [InlineData("image")]
    [InlineData("path")]
    public void ProgramOfTheUsersOwn_NeedsNoData(string kind)
    {
        var job = TrainingJob.Parse($$"""
            apiVersion: taas.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: own}
            spec:
              program: { {{kind}}: mine}
              replicas: {worker: {count: 1} }
            """);

        Assert.Empty(job.Spec.DataPath);
        Assert.Equal(job.ToYaml(), TrainingJob.Parse(job.ToYaml()).ToYaml());
        Assert.Null(job.ToJson()["spec"]!["data"]);
    }

    [Fact]
    public void Parse_Minimal_FillsInDefaults()
    {
        var spec = TrainingJob.Parse(Minimal).Spec;
        Assert.Equal((1, 64, 1, "default", "cpu", "runs"), (spec.Epochs, spec.BatchSize, spec.Seed, spec.Queue, spec.Device, spec.OutputPath));
        Assert.Equal(new UpdateSpec(UpdateMode.Async, -1, "none"), spec.Update);
        Assert.Equal((1, 2), (spec.Servers, spec.Workers));
        Assert.Equal(TimeSpan.FromMinutes(5), spec.Policy.GangTimeout);
    }

    [Fact]
    public void Parse_AllFieldsOfTheContract_AreRead()
    {
        var job = TrainingJob.Parse("""
            apiVersion: taas.dev/v1alpha1
            kind: TrainingJob
            metadata: {name: fashion-mnist}
            spec:
              queue: research
              priority: -3
              program: {image: registry/train:1, command: [train, --fast]}
              update: {mode: ssp, staleness: 4, compression: topk, topkRatio: 0.05}
              checkpoint: {everySteps: 500}
              epochs: 3
              batchSize: 128
              seed: 9
              device: cuda:1
              precision: f16
              optimizer: {name: sgd, learningRate: 5e-2, momentum: 0.9, nesterov: true, weightDecay: 1e-4, schedule: linear, warmup: 0.1}
              data: {path: /data/fashion-mnist}
              output: {path: out}
              replicas:
                ps:     {count: 1, resources: {cpu: 1, memory: 2Gi}}
                worker: {count: 2, min: 1, max: 8, resources: {cpu: 500m, memory: 32Gi, nvidia.com/gpu: 1}, nodeSelector: {nvidia.com/gpu.product: NVIDIA-H200}}
                evaluator: {count: 1}
              policy: {backoffLimit: 0, activeDeadline: 6h, ttlAfterFinished: 1d12h, success: all, gangTimeout: 90s}
              suspend: true
            """);
        var spec = job.Spec;
        Assert.Equal((Precision.F16, 1024.0), (spec.Precision, spec.LossScale));
        Assert.Equal(new UpdateSpec(UpdateMode.Ssp, 4, "topk") { TopKRatio = 0.05 }, spec.Update);
        Assert.Equal(("research", -3, 3, 128, 9, "cuda:1", true), (spec.Queue, spec.Priority, spec.Epochs, spec.BatchSize, spec.Seed, spec.Device, spec.Suspend));
        Assert.Equal(["train", "--fast"], spec.Program.Command);
        Assert.Equal(new OptimizerSpec { LearningRate = 0.05, Momentum = 0.9, Nesterov = true, WeightDecay = 1e-4, Schedule = "linear", Warmup = 0.1 }, spec.Optimizer);
        var worker = spec.Replicas["worker"];
        Assert.Equal((1, 8, 500), (worker.Min, worker.Max, spec.Checkpoint.EverySteps));
        Assert.Equal(0.5m, worker.Resources["cpu"].Value);
        Assert.Equal(32m * 1024 * 1024 * 1024, worker.Resources["memory"].Value);
        Assert.Equal(1m, worker.Resources["nvidia.com/gpu"].Value);
        Assert.Equal("NVIDIA-H200", worker.NodeSelector["nvidia.com/gpu.product"]);
        Assert.Equal(TimeSpan.FromHours(36), spec.Policy.TtlAfterFinished);
        Assert.Equal("all", spec.Policy.Success);
    }

    [Theory]
    [MemberData(nameof(BadSettings))]
    public void Parse_BadSetting_SaysFieldAndExpectation(string setting, string message)
    {
        var error = Assert.Throws<JobException>(() => TrainingJob.Parse(Minimal, [setting]));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
    }

    [Theory]
    [InlineData("spec.update.mode=async", "spec.update.mode: strategy ring keeps all workers in step; expected sync (or nothing), got async")]
    [InlineData("spec.update.mode=ssp", "spec.update.mode: strategy ring keeps all workers in step; expected sync (or nothing), got ssp")]
    [InlineData("spec.update.staleness=2", "spec.update.staleness: expected 0 (or nothing) with mode sync, got 2")]
    [InlineData("spec.update.backupWorkers=1", "spec.update.backupWorkers: strategy ring needs every worker in every step; expected 0, got 1")]
    [InlineData("spec.update.compression=fp16", "spec.update.compression: strategy ring sends plain f32; expected none, got fp16")]
    [InlineData("spec.replicas.worker.min=1", "spec.replicas.worker: strategy ring has the same workers from start to end; leave out min and max")]
    [InlineData("spec.replicas.worker.max=3", "spec.replicas.worker: strategy ring has the same workers from start to end; leave out min and max")]
    [InlineData("spec.replicas.ps.count=2", "spec.replicas.ps.count: strategy ring has no servers; leave ps out or set 0, got 2")]
    public void Parse_RingWithWhatItCannotDo_SaysFieldAndExpectation(string setting, string message)
    {
        var error = Assert.Throws<JobException>(() => TrainingJob.Parse(Minimal, ["spec.strategy=ring", "spec.replicas.ps.count=0", setting]));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
    }

    [Theory]
    [InlineData("ps: {count: 0}")]
    [InlineData("")]
    public void Parse_Ring_HasNoServersAndIsInStep(string servers)
    {
        var job = TrainingJob.Parse(Minimal.Replace("ps: {count: 1}", servers, StringComparison.Ordinal), ["spec.strategy=ring"]);

        Assert.Equal((Strategy.Ring, 0, 2), (job.Spec.Strategy, job.Spec.Servers, job.Spec.Workers));
        Assert.Equal(new UpdateSpec(UpdateMode.Sync, 0), job.Spec.Update);
        Assert.Equal(Strategy.Ring, TrainingJob.Parse(job.ToYaml()).Spec.Strategy);
    }

    [Fact]
    public void Parse_SeveralMistakes_ReportsAllWithTheirLines()
    {
        var error = Assert.Throws<JobException>(() => TrainingJob.Parse(Minimal.Replace("{count: 2}", "{count: 0, cpu: 3}", StringComparison.Ordinal).Replace("example:", "exmple:", StringComparison.Ordinal)));
        Assert.Equal([("spec.program.exmple", 5), ("spec.replicas.worker.count", 9), ("spec.replicas.worker.cpu", 9)], error.Problems.Select(problem => (problem.Path, problem.Line)));
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("- a", "no map")]
    [InlineData("a: [", "not valid YAML")]
    [InlineData("a: 1\na: 2", "not valid YAML")]
    [InlineData("a: 1\n---\nb: 2", "2 documents")]
    public void Parse_NoJobAtAll_IsRefused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<JobException>(() => TrainingJob.Parse(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("[", 100_000)]
    [InlineData("{a: ", 100_000)]
    [InlineData("- ", 100_000)]
    [InlineData("[", 200)]
    public void Parse_NestedWithoutEnd_IsRefusedInOneLine(string open, int times) =>
        Assert.Contains("nested deeper than 128 levels", Assert.Throws<JobException>(() => TrainingJob.Parse(string.Concat(Enumerable.Repeat(open, times)))).Message, StringComparison.Ordinal);

    [Fact]
    public void FromSpec_NestedAsDeepAsAServerTakes_IsRefusedInOneLine()
    {
        using var json = System.Text.Json.JsonDocument.Parse(string.Concat(Enumerable.Repeat("{\"a\":", 9_000)) + "1" + new string('}', 9_000), new System.Text.Json.JsonDocumentOptions { MaxDepth = 10_000 });
        Assert.Contains("nested deeper than 128 levels", Assert.Throws<JobException>(() => TrainingJob.FromSpec("a", json.RootElement)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToYaml_OfAnyJob_ParsesToTheSame() =>
        Gen.Select(Gen.Int[1, 1000], Gen.Int[1, 64], Gen.Double[1e-6, 10], Gen.Int[0, 5].Select(i => new[] { "a b", "true", "12", "#x", "/data: 1", "ümlaut \"q\"" }[i]), Gen.Int[-1, 8], Gen.Int[0, 5_000_000]).Sample((epochs, workers, rate, path, staleness, seconds) =>
        {
            var minimal = TrainingJob.Parse(Minimal);
            var mode = staleness switch { -1 => UpdateMode.Async, 0 => UpdateMode.Sync, _ => UpdateMode.Ssp };
            var job = minimal with
            {
                Spec = minimal.Spec with
                {
                    Epochs = epochs,
                    DataPath = path,
                    Optimizer = new OptimizerSpec { LearningRate = rate },
                    Update = new UpdateSpec(mode, staleness, staleness > 4 ? "topk" : "2bit") { TopKRatio = staleness > 4 ? rate / 10 : 0.01 },
                    Replicas = new Dictionary<string, ReplicaSpec> { ["ps"] = new(), ["worker"] = new() { Count = workers, Env = new Dictionary<string, string> { ["A_B"] = path } } },
                    Policy = new PolicySpec { ActiveDeadline = TimeSpan.FromSeconds(seconds + 1) },
                },
            };
            var text = job.ToYaml();
            var back = TrainingJob.Parse(text);
            Assert.Equal(text, back.ToYaml());
            Assert.Equal(path, back.Spec.Replicas["worker"].Env["A_B"]);
            Assert.Equal((epochs, path, rate, job.Spec.Update, workers, job.Spec.Policy), (back.Spec.Epochs, back.Spec.DataPath, back.Spec.Optimizer.LearningRate, back.Spec.Update, back.Spec.Workers, back.Spec.Policy));
        }, iter: 200);
}
