using System.Text.Json;

namespace TaaS.Jobs.Tests;

/// <summary>The status is the operator's memory over its own restarts; what does not survive the trip to the API server is forgotten.</summary>
public sealed class StatusTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);

    private static readonly TrainingJobStatus Full = new()
    {
        ObservedGeneration = 3,
        Phase = JobPhase.Running,
        Conditions = [new Condition(ConditionType.Admitted, ConditionStatus.True, Reason.Admitted, "2 pods on 1 node", Noon) { ObservedGeneration = 3 }],
        Attempt = 2,
        Placement = [new PodAssignment("worker", 1, "node-1", "h100")],
        Workers = 2,
        Selector = "taas.dev/job=a,taas.dev/role=worker",
        ReadyReplicas = new Dictionary<string, int> { ["worker"] = 2 },
        Restarts = 1,
        InfrastructureFailures = 4,
        QueuePosition = 1,
        EarliestStart = Noon.AddHours(1),
        NodesByCause = new Dictionary<string, int> { ["insufficient nvidia.com/gpu"] = 5 },
        ExcludedNodes = [new ExcludedNode("node-2", "OutOfcpu", Noon)],
        NotBefore = Noon.AddMinutes(1),
        SubmitTime = Noon,
        StartTime = Noon.AddSeconds(5),
        CompletionTime = Noon.AddSeconds(9),
    };

    private const string Golden =
        """{"observedGeneration":3,"phase":"Running","conditions":[{"type":"Admitted","status":"True","reason":"Admitted","message":"2 pods on 1 node","lastTransitionTime":"2026-01-31T12:00:00Z","observedGeneration":3}]"""
        + ""","attempt":2,"placement":[{"role":"worker","index":1,"node":"node-1","flavor":"h100"}],"workers":2,"selector":"taas.dev/job=a,taas.dev/role=worker","readyReplicas":{"worker":2},"restarts":1,"infrastructureFailures":4"""
        + ""","queuePosition":1,"earliestStart":"2026-01-31T13:00:00Z","nodesByCause":{"insufficient nvidia.com/gpu":5},"excludedNodes":[{"node":"node-2","reason":"OutOfcpu","since":"2026-01-31T12:00:00Z"}]"""
        + ""","notBefore":"2026-01-31T12:01:00Z","submitTime":"2026-01-31T12:00:00Z","startTime":"2026-01-31T12:00:05Z","completionTime":"2026-01-31T12:00:09Z"}""";

    [Fact]
    public void ToJson_OfEveryField_IsGolden() => Assert.Equal(Golden, Full.ToJson());

    [Fact]
    public void FromJson_Golden_IsTheSame()
    {
        var status = Read(Golden);
        Assert.True(status.SameAs(Full));
        Assert.Equal((Noon.AddHours(1), JobPhase.Running, 5), (status.EarliestStart, status.Phase, status.NodesByCause["insufficient nvidia.com/gpu"]));
        Assert.True(status.Is(ConditionType.Admitted));
        Assert.False(status.Is(ConditionType.Failed));
    }

    [Fact]
    public void FromJson_OfAnotherVersion_PassesOverWhatItDoesNotKnow()
    {
        var status = Read("""{"phase":"Pending","colour":"red","submitTime":"2026-01-31T13:00:00.5+01:00"}""");
        Assert.Equal((JobPhase.Pending, Noon.AddSeconds(0.5), 0), (status.Phase, status.SubmitTime, status.Placement.Count));
    }

    [Fact]
    public void FromJson_Nothing_IsTheStatusOfANewJob() => Assert.True(Read("{}").SameAs(new TrainingJobStatus()));

    [Theory]
    [InlineData("""{"phase":"Dancing"}""")]
    [InlineData("""{"submitTime":"yesterday"}""")]
    [InlineData("[]")]
    public void FromJson_OfAnotherShape_Throws(string json) => Assert.Throws<JsonException>(() => Read(json));

    [Fact]
    public void With_SameStatus_KeepsTheTimeOfTheTransition()
    {
        var waiting = new TrainingJobStatus().With(new Condition(ConditionType.Waiting, ConditionStatus.True, Reason.WaitingForQuota, "a", Noon));
        var still = waiting.With(new Condition(ConditionType.Waiting, ConditionStatus.True, Reason.NoNodeFits, "b", Noon.AddHours(1)));
        var over = still.With(new Condition(ConditionType.Admitted, ConditionStatus.True, Reason.Admitted, "c", Noon.AddHours(2)))
            .With(new Condition(ConditionType.Waiting, ConditionStatus.False, Reason.Admitted, "d", Noon.AddHours(2)));

        Assert.Equal((Noon, Reason.NoNodeFits, "b"), (still.Find(ConditionType.Waiting)!.LastTransitionTime, still.Find(ConditionType.Waiting)!.Reason, still.Find(ConditionType.Waiting)!.Message));
        Assert.Equal([(ConditionType.Waiting, Noon.AddHours(2)), (ConditionType.Admitted, Noon.AddHours(2))], over.Conditions.Select(at => (at.Type, at.LastTransitionTime)));
    }

    [Fact]
    public void With_AMessageTooLongForTheApi_IsCut()
    {
        var status = new TrainingJobStatus().With(new Condition(ConditionType.Failed, ConditionStatus.True, Reason.InvalidSpec, new string('x', 40_000), Noon));
        Assert.Equal(Condition.MaxMessageLength, status.Conditions[0].Message.Length);
    }

    [Fact]
    public void QueueStatus_ToJsonAndBack_IsTheSame()
    {
        var status = new QueueStatus { Waiting = 2, Running = 1, Usage = [new FlavorUsage("h100", new Dictionary<string, string> { ["cpu"] = "8" })] }
            .With(new Condition(ConditionType.OverQuota, ConditionStatus.True, Reason.QuotaBelowUse, "a", Noon));
        using var json = JsonDocument.Parse(status.ToJson());
        Assert.True(QueueStatus.FromJson(json.RootElement).SameAs(status));
        Assert.Equal("8", json.RootElement.GetProperty("usage")[0].GetProperty("resources").GetProperty("cpu").GetString());
        Assert.False(status.SameAs(status with { Waiting = 3 }));
    }

    private static TrainingJobStatus Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return TrainingJobStatus.FromJson(document.RootElement);
    }
}
