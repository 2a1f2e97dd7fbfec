using System.Text.Json;

namespace TaaS.Jobs.Tests;

/// <summary>A quota read wrongly hands out nodes that belong to others.</summary>
public sealed class QueueTests
{
    private const string Text = """
        apiVersion: taas.dev/v1alpha1
        kind: Queue
        metadata: {name: vision}
        spec:
          cohort: research/vision
          weight: 2.5
          quotas:
          - flavor: h100
            resources:
              cpu: {nominal: 64, borrowingLimit: 32, lendingLimit: 16}
              nvidia.com/gpu: {nominal: 8, lendingLimit: 0}
          - flavor: small
            resources: {cpu: {nominal: 500m}}
          allowedUsers: [alice, group:vision, namespace:team-a]
          preemption: {withinQueue: Never, reclaimWithinCohort: LowerPriority}
          hold: true
        """;

    private const string FlavorText = """
        apiVersion: taas.dev/v1alpha1
        kind: ResourceFlavor
        metadata: {name: h100}
        spec:
          nodeLabels: {nvidia.com/gpu.product: NVIDIA-H100-80GB-HBM3}
          nodeTaints: [{key: nvidia.com/gpu, effect: NoSchedule}, {key: dedicated, value: a, effect: NoExecute}]
          resources: {cpu: 8, memory: 32Gi, nvidia.com/gpu: 1}
          pricePerHour: 2.95
        """;

    [Fact]
    public void Parse_Queue_ReadsEveryField()
    {
        var queue = Queue.Parse(Text);
        var spec = queue.Spec;

        Assert.Equal(("vision", "research/vision", 2.5, true), (queue.Name, spec.Cohort, spec.Weight, spec.Hold));
        Assert.Equal(["h100", "small"], spec.Quotas.Select(quota => quota.Flavor));
        Assert.Equal(new ResourceQuota(Amount("64"), Amount("32"), Amount("16")), spec.Quotas[0].Resources["cpu"]);
        Assert.Equal(new ResourceQuota(Amount("8"), null, Amount("0")), spec.Quotas[0].Resources["nvidia.com/gpu"]);
        Assert.Equal(["alice", "group:vision", "namespace:team-a"], spec.AllowedUsers);
        Assert.Equal((PreemptionPolicy.Never, PreemptionPolicy.LowerPriority), (spec.WithinQueue, spec.ReclaimWithinCohort));
        Assert.Equal(queue.ToYaml(), Queue.Parse(queue.ToYaml()).ToYaml());
        Assert.Equal(queue.ToYaml(), Queue.Parse(queue.ToJson().ToJsonString()).ToYaml());
    }

    [Fact]
    public void Parse_QueueWithQuotaAlone_FillsInDefaults()
    {
        var spec = Queue.Parse("{apiVersion: taas.dev/v1alpha1, kind: Queue, metadata: {name: a}, spec: {quotas: [{flavor: f, resources: {cpu: {nominal: 1}}}]}}").Spec;
        Assert.Equal(("", 1.0, false, PreemptionPolicy.LowerPriority, PreemptionPolicy.Any), (spec.Cohort, spec.Weight, spec.Hold, spec.WithinQueue, spec.ReclaimWithinCohort));
    }

    [Theory]
    [InlineData("weight: 2.5", "weight: 0", "spec.weight: expected a number above 0, got 0")]
    [InlineData("cohort: research/vision", "cohort: research//vision", "spec.cohort: expected a name or a path of names such as research/vision, got research//vision")]
    [InlineData("cohort: research/vision", "weights: 1", "spec.weights: unknown field; did you mean 'weight'?")]
    [InlineData("  cohort: research/vision\n", "", "spec.quotas[0].resources.cpu.borrowingLimit: goes with a cohort only")]
    [InlineData("lendingLimit: 16", "lendingLimit: 65", "spec.quotas[0].resources.cpu.lendingLimit: expected at most the nominal quota of 64, got 65")]
    [InlineData("nominal: 64", "nominal: -1", "spec.quotas[0].resources.cpu.nominal: expected a Kubernetes quantity such as 2, 500m or 4Gi, got -1")]
    [InlineData("nominal: 64,", "", "spec.quotas[0].resources.cpu.nominal: is missing")]
    [InlineData("nominal: 8", "nominal: 7.5", "spec.quotas[0].resources.\"nvidia.com/gpu\".nominal: expected a whole number of devices, got 7.5")]
    [InlineData("nvidia.com/gpu:", "gpu:", "spec.quotas[0].resources.gpu: expected cpu, memory")]
    [InlineData("flavor: small", "flavor: h100", "spec.quotas[1]: flavor h100 stands in quotas[0] already (line 12)")]
    [InlineData("resources: {cpu: {nominal: 500m}}", "resources: {}", "spec.quotas[1].resources: expected at least 1 entry, got none")]
    [InlineData("group:vision", "'group:'", "spec.allowedUsers[1]: expected a name after group:")]
    [InlineData("group:vision", "alice", "spec.allowedUsers[1]: alice stands there twice")]
    [InlineData("group:vision", "a b", "spec.allowedUsers[1]: expected a user, group:NAME or namespace:NAME, got a b")]
    [InlineData("withinQueue: Never", "withinQueue: never", "spec.preemption.withinQueue: expected one of Never, LowerPriority, Any, got never")]
    [InlineData("kind: Queue", "kind: TrainingJob", "kind: expected one of Queue, got TrainingJob")]
    [InlineData("metadata: {name: vision}", "metadata: {}", "metadata.name: is missing")]
    public void Parse_BadQueue_SaysFieldAndExpectation(string old, string with, string message)
    {
        Assert.Contains(old, Text, StringComparison.Ordinal);
        var error = Assert.Throws<JobException>(() => Queue.Parse(Text.Replace(old, with, StringComparison.Ordinal)));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
    }

    [Fact]
    public void Parse_QueueWithoutQuotas_IsRefused() =>
        Assert.Contains("spec.quotas: is missing, expected a list of maps", Assert.Throws<JobException>(() => Queue.Parse("{apiVersion: taas.dev/v1alpha1, kind: Queue, metadata: {name: a}, spec: {}}")).Message, StringComparison.Ordinal);

    [Fact]
    public void Parse_Flavor_ReadsEveryField()
    {
        var flavor = ResourceFlavor.Parse(FlavorText);
        var spec = flavor.Spec;

        Assert.Equal(("h100", 2.95m, "NVIDIA-H100-80GB-HBM3"), (flavor.Name, spec.PricePerHour, spec.NodeLabels["nvidia.com/gpu.product"]));
        Assert.Equal([new Taint("nvidia.com/gpu", "", "NoSchedule"), new Taint("dedicated", "a", "NoExecute")], spec.NodeTaints);
        Assert.Equal(1m, spec.Resources["nvidia.com/gpu"].Value);
        Assert.Equal(flavor.ToYaml(), ResourceFlavor.Parse(flavor.ToYaml()).ToYaml());
    }

    [Theory]
    [InlineData("pricePerHour: 2.95", "pricePerHour: -1", "spec.pricePerHour: expected a price from 0 to 1000000, got -1")]
    [InlineData("effect: NoExecute", "effect: Never", "spec.nodeTaints[1].effect: expected one of NoSchedule, PreferNoSchedule, NoExecute, got Never")]
    [InlineData(", effect: NoExecute", "", "spec.nodeTaints[1].effect: is missing")]
    [InlineData("nvidia.com/gpu: 1}", "nvidia.com/gpu: 1m}", "spec.resources.\"nvidia.com/gpu\": expected a whole number of devices, got 1m")]
    public void Parse_BadFlavor_SaysFieldAndExpectation(string old, string with, string message)
    {
        Assert.Contains(old, FlavorText, StringComparison.Ordinal);
        var error = Assert.Throws<JobException>(() => ResourceFlavor.Parse(FlavorText.Replace(old, with, StringComparison.Ordinal)));
        Assert.True(error.Message.Contains(message, StringComparison.Ordinal), error.Message);
    }

    [Fact]
    public void FromResource_OfAnApiServer_ReadsTheSpec()
    {
        var queue = Queue.Parse(Text);
        var json = queue.ToJson();
        json["metadata"]!["resourceVersion"] = "7";
        json["status"] = new System.Text.Json.Nodes.JsonObject();
        using var resource = JsonDocument.Parse(json.ToJsonString());
        Assert.Equal(queue.ToYaml(), Queue.FromResource(resource.RootElement).ToYaml());
        var flavor = ResourceFlavor.Parse(FlavorText);
        using var other = JsonDocument.Parse(flavor.ToJson().ToJsonString());
        Assert.Equal(flavor.ToYaml(), ResourceFlavor.FromResource(other.RootElement).ToYaml());
    }

    private static Quantity Amount(string text) => Quantity.TryParse(text, out var amount) ? amount : throw new ArgumentException(text);
}
