using System.Text.Json;

namespace TaaS.Jobs.Tests;

/// <summary>The fields that matter on a cluster only. Misread, they lose a run's output or put a job on the wrong nodes.</summary>
public sealed class ClusterFieldTests
{
    internal const string Minimal = """
        apiVersion: taas.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: small}
        spec:
          program: {example: fashion-mnist}
          data: {path: /data}
          output: {path: /runs}
          replicas:
            ps: {count: 1}
            worker: {count: 2}
        """;

    internal const string Full = """
        apiVersion: taas.dev/v1alpha1
        kind: TrainingJob
        metadata: {name: full, namespace: team-a, labels: {a: b}}
        spec:
          queue: research
          image: registry.example/taas:1
          program: {example: fashion-mnist}
          data: {path: /data, volume: {nfs: {server: 10.0.0.1, path: /export}}}
          output: {path: /runs, volume: {claim: runs}}
          expectedRunTime: 2h30m
          preemptible: false
          placement: {topologyKey: nvidia.com/gpu.clique, required: true}
          replicas:
            ps: {count: 1}
            worker:
              count: 2
              max: 4
              flavor: h100
              resources: {cpu: 8, memory: 137438953472, nvidia.com/gpu: 1, hugepages-2Mi: 64Mi}
              nodeSelector: {nvidia.com/gpu.product: NVIDIA-H100, zone: ""}
              env: {NCCL_DEBUG: INFO, EMPTY: ""}
              tolerations:
              - {key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}
              - {key: node.kubernetes.io/unreachable, operator: Exists, effect: NoExecute, tolerationSeconds: 30}
              - {key: dedicated, value: research}
              affinity:
                nodeAffinity:
                  requiredDuringSchedulingIgnoredDuringExecution:
                    nodeSelectorTerms:
                    - matchExpressions:
                      - {key: zone, operator: In, values: [a, b]}
                      - {key: nvidia.com/gpu.count, operator: Gt, values: ["3"]}
                      matchFields: [{key: metadata.name, operator: NotIn, values: [node-7]}]
                  preferredDuringSchedulingIgnoredDuringExecution:
                  - {weight: 10, preference: {matchExpressions: [{key: fast, operator: Exists}]}}
        """;

    public static TheoryData<string, string> BadSettings => new()
    {
        { "spec.data.volume={}", "spec.data.volume: expected exactly one of claim, hostPath, nfs, emptyDir; got 0" },
        { "spec.data.volume={claim: a, emptyDir: {}}", "spec.data.volume: expected exactly one of claim, hostPath, nfs, emptyDir; got 2" },
        { "spec.data={path: data, volume: {claim: a}}", "spec.data.path: expected a path that begins with /, where the volume is mounted, got data" },
        { "spec.output={path: runs, volume: {emptyDir: {}}}", "spec.output.path: expected a path that begins with /" },
        { "spec.output.volume={hostPath: runs}", "spec.output.volume.hostPath: expected a path that begins with /, got runs" },
        { "spec.output.volume={emptyDir: {medium: Memory}}", "spec.output.volume.emptyDir.medium: unknown field" },
        { "spec.output.volume={nfs: {server: a}}", "spec.output.volume.nfs.path: is missing" },
        { "spec.output.volume={claim: a, persistentVolumeClaim: {claimName: a}}", "spec.output.volume.persistentVolumeClaim: unknown field; known here: claim, emptyDir, hostPath, nfs" },
        { "spec.program={image: a}|spec.image=b", "spec.image: goes with program.example and program.path only" },
        { "spec.placement={required: true}", "spec.placement.topologyKey: is missing" },
        { "spec.placement={topologyKey: a b}", "spec.placement.topologyKey: expected a label's name, such as example.com/rack, got a b" },
        { "spec.expectedRunTime=-5m", "spec.expectedRunTime: expected a length of time such as 90s, 5m or 1h30m, got -5m" },
        { "spec.preemptible=1", "spec.preemptible: expected one of true, false, got 1" },
        { "spec.replicas.worker.flavor=Big", "spec.replicas.worker.flavor: expected lower-case letters" },
        { "spec.replicas.worker.env={1A: x}", "spec.replicas.worker.env.1A: expected a variable's name" },
        { "spec.replicas.worker.env={A: [x]}", "spec.replicas.worker.env.A: expected text, got a list" },
        { "spec.replicas.worker.nodeSelector={a b: x}", "spec.replicas.worker.nodeSelector.a b: expected a label's name, such as example.com/rack for a name, got a b" },
        { "spec.replicas.worker.nodeSelector={a: x y}", "spec.replicas.worker.nodeSelector.a: expected a label's value" },
        { "spec.replicas.worker.tolerations={key: a}", "spec.replicas.worker.tolerations: expected a list of maps, got a map" },
        { "spec.replicas.worker.tolerations=[a]", "spec.replicas.worker.tolerations[0]: expected a map of fields, got a" },
        { "spec.replicas.worker.tolerations=[{key: a}, {operator: Equal}]", "spec.replicas.worker.tolerations[1].key: is empty; only operator Exists goes with any key" },
        { "spec.replicas.worker.tolerations=[{key: a, operator: Exists, value: b}]", "spec.replicas.worker.tolerations[0].value: goes with operator Equal only" },
        { "spec.replicas.worker.tolerations=[{key: a, tolerationSeconds: 3}]", "spec.replicas.worker.tolerations[0].tolerationSeconds: goes with effect NoExecute only" },
        { "spec.replicas.worker.tolerations=[{key: a, effect: Never}]", "spec.replicas.worker.tolerations[0].effect: expected one of NoSchedule, PreferNoSchedule, NoExecute, got Never" },
        { "spec.replicas.worker.affinity={podAntiAffinity: {}}", "spec.replicas.worker.affinity.podAntiAffinity: is not supported: the scheduler places pods by nodes alone" },
        { "spec.replicas.worker.affinity={nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {}}}", "nodeSelectorTerms: is missing, expected a list of maps" },
        { "spec.replicas.worker.affinity={nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{weight: 101, preference: {}}]}}", "preferredDuringSchedulingIgnoredDuringExecution[0].weight: expected a whole number from 1 to 100, got 101" },
        { "spec.replicas.worker.affinity={nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{preference: {matchExpressions: [{key: a, operator: In}]}}]}}", "matchExpressions[0].values: expected at least one value with operator In, got none" },
        { "spec.replicas.worker.affinity={nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{preference: {matchExpressions: [{key: a, operator: Exists, values: [b]}]}}]}}", "expected no values with operator Exists, got b" },
        { "spec.replicas.worker.affinity={nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{preference: {matchExpressions: [{key: a, operator: Lt, values: [b]}]}}]}}", "expected one whole number with operator Lt, got b" },
        { "spec.replicas.worker.affinity={nodeAffinity: {preferredDuringSchedulingIgnoredDuringExecution: [{preference: {matchFields: [{key: spec.unschedulable, operator: Exists}]}}]}}", "matchFields[0].key: expected metadata.name, got spec.unschedulable" },
        { "spec.replicas.worker.serviceAccountName=x", "spec.replicas.worker.serviceAccountName: unknown field; known here: affinity, count, env, flavor, max, min, nodeSelector, resources, tolerations" },
    };

    [Fact]
    public void Parse_Full_IsRead()
    {
        var spec = TrainingJob.Parse(Full).Spec;

        Assert.Equal(("registry.example/taas:1", TimeSpan.FromMinutes(150), false), (spec.Image, spec.ExpectedRunTime, spec.Preemptible));
        Assert.Equal(new PlacementSpec("nvidia.com/gpu.clique", true), spec.Placement);
        Assert.Equal(new VolumeSpec { Nfs = new NfsVolume("10.0.0.1", "/export") }, spec.DataVolume);
        Assert.Equal(new VolumeSpec { Claim = "runs" }, spec.OutputVolume);
        var worker = spec.Replicas["worker"];
        Assert.Equal(("h100", 4, 137438953472m), (worker.Flavor, worker.Most, worker.Resources["memory"].Value));
        Assert.Equal(["hugepages-2Mi", "nvidia.com/gpu"], worker.Limits.Select(limit => limit.Key).Order());
        Assert.Equal(("INFO", "", ""), (worker.Env["NCCL_DEBUG"], worker.Env["EMPTY"], worker.NodeSelector["zone"]));
        Assert.Equal(
            [new Toleration("nvidia.com/gpu", "Exists", "", "NoSchedule"), new Toleration("node.kubernetes.io/unreachable", "Exists", "", "NoExecute", 30), new Toleration("dedicated", "Equal", "research")],
            worker.Tolerations);
        var term = Assert.Single(worker.Affinity.Required);
        Assert.Equal([("zone", "In", "a,b"), ("nvidia.com/gpu.count", "Gt", "3")], term.Expressions.Select(at => (at.Key, at.Operator, string.Join(',', at.Values))));
        Assert.Equal([("metadata.name", "NotIn", "node-7")], term.Fields.Select(at => (at.Key, at.Operator, string.Join(',', at.Values))));
        var preferred = Assert.Single(worker.Affinity.Preferred);
        Assert.Equal((10, "fast", "Exists"), (preferred.Weight, preferred.Term.Expressions[0].Key, preferred.Term.Expressions[0].Operator));
    }

    [Fact]
    public void Parse_Minimal_LeavesThemOpen()
    {
        var spec = TrainingJob.Parse(Minimal).Spec;
        Assert.Equal((null, null, null, null, null, true), (spec.Image, spec.DataVolume, spec.OutputVolume, spec.Placement, spec.ExpectedRunTime, spec.Preemptible));
        Assert.Same(NodeAffinity.None, spec.Replicas["worker"].Affinity);
    }

    [Theory]
    [MemberData(nameof(BadSettings))]
    public void Parse_BadSetting_SaysFieldAndExpectation(string settings, string message)
    {
        var error = Assert.Throws<JobException>(() => TrainingJob.Parse(Minimal, settings.Split('|')));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
    }

    [Fact]
    public void Parse_NameThatOnlyTheLastWorkerMakesTooLong_IsRefused()
    {
        var name = $"metadata.name=a{new string('b', 53)}";
        Assert.Equal(63, PodNames.Pod(TrainingJob.Parse(Minimal, [name, "spec.replicas.worker={count: 2, max: 10}"]).Name, "worker", 9).Length);
        Assert.Contains("shorten the name by 1", Assert.Throws<JobException>(() => TrainingJob.Parse(Minimal, [name, "spec.replicas.worker={count: 2, max: 11}"])).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("queue", "default\n")]
    [InlineData("device", "cpu\n")]
    [InlineData("expectedRunTime", "5m\n")]
    public void FromResource_TextWithALineBreakAtItsEnd_IsNotThatText(string field, string text)
    {
        var json = TrainingJob.Parse(Minimal).ToJson();
        json["spec"]![field] = text;
        using var resource = JsonDocument.Parse(json.ToJsonString());
        Assert.Contains($"spec.{field}: expected", Assert.Throws<JobException>(() => TrainingJob.FromResource(resource.RootElement)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToYaml_Full_ParsesToTheSame()
    {
        var text = TrainingJob.Parse(Full).ToYaml();
        Assert.Equal(text, TrainingJob.Parse(text).ToYaml());
        foreach (var part in new[] { "tolerationSeconds: 30", "matchFields:", "weight: 10", "nfs:", "claim: runs", "expectedRunTime: \"2h30m\"", "hugepages-2Mi: 64Mi", "required: true", "EMPTY: \"\"", "flavor: h100" })
        {
            Assert.Contains(part, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void FromResource_OfAnApiServer_ReadsSpecAndPassesOverTheRest()
    {
        var job = TrainingJob.Parse(Full);
        var json = job.ToJson();
        json["metadata"]!["uid"] = "1-2";
        json["metadata"]!["managedFields"] = System.Text.Json.Nodes.JsonNode.Parse("""[{"manager": "kubectl", "fieldsV1": {"f:spec": {}}}]""");
        json["status"] = System.Text.Json.Nodes.JsonNode.Parse("""{"phase": "Running"}""");
        using var resource = JsonDocument.Parse(json.ToJsonString());

        Assert.Equal(job.ToYaml(), TrainingJob.FromResource(resource.RootElement).ToYaml());
    }

    [Theory]
    [InlineData("""{"spec": {}}""", "metadata.name: is missing")]
    [InlineData("""{"metadata": {"name": "a"}}""", "spec: is missing, expected a map")]
    [InlineData("""{"metadata": {"name": "a"}, "spec": []}""", "spec: is missing, expected a map")]
    [InlineData("""{"metadata": {"name": "a"}, "spec": {"program": {"example": "a"}, "data": {"path": "/d\u00e9\ud83d\ude00\t"}, "replicas": {"worker": {"count": 1.5}}}}""", "spec.replicas.worker.count: expected a whole number from 1 to 100000, got 1.5")]
    [InlineData("""{"metadata": {"name": "a"}, "spec": {"program": {"example": "a"}, "data": {"path": "d"}, "replicas": {"worker": {"gpus": 1}}}}""", "spec.replicas.worker.gpus: unknown field")]
    [InlineData("""{"metadata": {"name": "a"}, "spec": {"program": {"example": "a"}, "data": {"path": null}, "replicas": {"worker": {"count": 1}}}}""", "spec.data.path: expected the folder of the data set, got nothing")]
    public void FromResource_Wrong_SaysFieldAndExpectation(string json, string message)
    {
        using var resource = JsonDocument.Parse(json);
        var error = Assert.Throws<JobException>(() => TrainingJob.FromResource(resource.RootElement));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
    }
}
