using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>What becomes of a job when nodes, kubelets and people get in its way.</summary>
public sealed class FailureTests
{
    [Theory]
    [InlineData("OutOfnvidia.com/gpu")]
    [InlineData("OutOfcpu")]
    [InlineData("UnexpectedAdmissionError")]
    public async Task PodThatTheKubeletTurnsDown_CostsNoRetry_AndItsNodeIsLeftOut(string reason)
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 2, time: new FastTime(60));
        cluster.Kubelet.Held["node-0"] = cluster.Kubelet.Held["node-1"] = true;
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("refused").Workers(1, gpus: 1));
        var first = await cluster.ReachesAsync("refused", JobPhase.Starting);
        var node = first.Placement[0].Node;

        await cluster.SetPodStatusAsync("refused-worker-0", new JsonObject { ["phase"] = "Failed", ["reason"] = reason, ["message"] = "Pod was rejected" });
        var waiting = await cluster.ReachesAsync("refused", static status => status.InfrastructureFailures == 1, "to have one failure that is not its own");
        cluster.Kubelet.Held.Clear();
        var running = await cluster.ReachesAsync("refused", JobPhase.Running);

        Assert.Equal(node, waiting.ExcludedNodes.Single().Node);
        Assert.NotNull(waiting.NotBefore);
        Assert.Equal((0, 2), (running.Restarts, running.Attempt));
        Assert.NotEqual(node, running.Placement[0].Node);
        cluster.AssertSound();
    }

    [Theory]
    [InlineData("Evicted")]
    [InlineData("Preempting")]
    [InlineData("NodeLost")]
    [InlineData("Terminated")]
    public async Task PodThatTheClusterStops_CostsNoRetry(string reason)
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("evicted").Servers(1).Workers(2));
        await cluster.ReachesAsync("evicted", JobPhase.Running);

        await cluster.SetPodStatusAsync("evicted-worker-1", new JsonObject { ["phase"] = "Failed", ["reason"] = reason });
        var again = await cluster.ReachesAsync("evicted", static status => status is { Phase: JobPhase.Running, Attempt: 2 }, "to run anew");

        Assert.Equal((0, 1), (again.Restarts, again.InfrastructureFailures));
        cluster.AssertSound();
    }

    [Fact]
    public async Task GangThatIsNotWholeInTime_IsUndone_AndStartsOnOtherNodesAfterAPause()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 3, time: new FastTime(60));
        cluster.StartOperator();
        cluster.Kubelet.Held["node-0"] = true;
        await cluster.SubmitAsync(new TestJob("slow").Workers(3, cpu: "6").Policy("gangTimeout", "30s"));
        // One of three nodes does not start its pod, so the whole gang goes.
        var undone = await cluster.ReachesAsync("slow", static status => status is { Phase: JobPhase.Pending, InfrastructureFailures: 1 }, "to be undone");
        await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync("slow")).Count == 0, "its pods to go");
        await cluster.AddNodeAsync("node-3");
        var running = await cluster.ReachesAsync("slow", JobPhase.Running);

        Assert.Equal(Reason.GangTimeout, undone.Find(ConditionType.Admitted)?.Reason);
        Assert.Equal("node-0", undone.ExcludedNodes.Single().Node);
        Assert.Equal(TimeSpan.FromSeconds(60), undone.NotBefore - undone.Find(ConditionType.Admitted)!.LastTransitionTime);
        Assert.Equal(["node-1", "node-2", "node-3"], running.Placement.Select(static place => place.Node).Order());
        cluster.AssertSound();
    }

    [Fact]
    public async Task GangOfWhichAPodIsRefused_HasNoPodBound_UntilAllAreLetIn()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        var room = 2;
        cluster.Server.Faults.Plan = request => request is { Method: "POST" } && request.Path.EndsWith("/pods", StringComparison.Ordinal) && Interlocked.Decrement(ref room) < 0 ? new Fault.Answer(403, Reason: "Forbidden") : null;
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("crowded").Workers(3));
        await cluster.ReachesAsync("crowded", static status => status.Find(ConditionType.Running)?.Message.Contains("create pods", StringComparison.Ordinal) == true, "to say that a pod is refused");
        var made = await cluster.PodsAsync("crowded");
        cluster.Server.Faults.Plan = null;
        await cluster.ReachesAsync("crowded", JobPhase.Running);

        Assert.Equal(2, made.Count);
        Assert.All(made, static pod => Assert.Null(pod.Spec.NodeName));
        cluster.AssertSound();
    }

    [Fact]
    public async Task ServiceThatIsDeletedByHand_IsMadeAgain()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("nameless").Workers(2));
        await cluster.ReachesAsync("nameless", JobPhase.Running);
        var before = await cluster.Client.GetAsync(ResourceKinds.Services, cluster.Space, "nameless", CancellationToken.None);

        await cluster.Client.DeleteAsync(ResourceKinds.Services, cluster.Space, "nameless", before.Metadata.Uid, CancellationToken.None);

        await TestCluster.EventuallyAsync(async () => await cluster.Client.FindAsync(ResourceKinds.Services, cluster.Space, "nameless", CancellationToken.None) is { } after && after.Metadata.Uid != before.Metadata.Uid, "the Service to be there again");
    }

    /// <summary>Otherwise the roles that did start look for each other in vain, for as long as one image is being pulled.</summary>
    [Fact]
    public async Task ServiceOfAGang_IsMadeThoughOnePodGetsNoAddress()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 2);
        cluster.Kubelet.Held["node-0"] = true;
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("partly").Workers(2, cpu: "6"));

        await TestCluster.EventuallyAsync(async () => await cluster.Client.FindAsync(ResourceKinds.Services, cluster.Space, "partly", CancellationToken.None) is not null, "the Service to be there");

        Assert.Contains(await cluster.PodsAsync("partly"), static pod => pod.Status?.PodIP is not { Length: > 0 });
    }

    [Fact]
    public async Task NodeThatVanishes_TakesNoJobWithIt()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 2);
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("orphan").Workers(1));
        var node = (await cluster.ReachesAsync("orphan", JobPhase.Running)).Placement[0].Node;

        await cluster.Client.DeleteAsync(ResourceKinds.Nodes, null, node, null, CancellationToken.None);
        var again = await cluster.ReachesAsync("orphan", static status => status is { Phase: JobPhase.Running, Attempt: 2 }, "to run elsewhere");

        Assert.NotEqual(node, again.Placement[0].Node);
        Assert.Equal(0, again.Restarts);
        Assert.Single(await cluster.PodsAsync());
    }

    [Fact]
    public async Task NodeThatFallsSilent_IsGivenItsGrace_ThenThePodsGoOnElsewhere()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 2, time: new FastTime(60));
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("silent").Workers(1));
        var node = (await cluster.ReachesAsync("silent", JobPhase.Running)).Placement[0].Node;

        cluster.Kubelet.Dead[node] = true;
        await cluster.SetReadyAsync(node, false);
        await cluster.SetReadyAsync(node, true);
        await cluster.SetReadyAsync(node, false);
        var again = await cluster.ReachesAsync("silent", static status => status is { Phase: JobPhase.Running, Attempt: 2 }, "to run elsewhere");

        Assert.NotEqual(node, again.Placement[0].Node);
        Assert.Contains("not been ready for 60 s", (await EventsAsync(cluster)).First(static item => item.Contains(Reason.InfrastructureFailure, StringComparison.Ordinal)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task LostElasticWorker_IsDoneWithout_AndTheOthersRunOn()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 5, cpu: "2");
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("elastic").Servers(1).Workers(3, cpu: "1500m", min: 1));
        var running = await cluster.ReachesAsync("elastic", static status => status is { Phase: JobPhase.Running, Workers: 3 }, "to run with 3 workers");
        var node = running.Placement.Single(static place => place is { Role: Role.Worker, Index: 2 }).Node;
        var chief = (await cluster.PodAsync("elastic-worker-0")).Metadata.Uid;

        await cluster.Client.DeleteAsync(ResourceKinds.Nodes, null, node, null, CancellationToken.None);
        var again = await cluster.ReachesAsync("elastic", status => status.Workers == 3 && status.Placement.All(place => place.Node != node), "to have its worker on another node");

        Assert.Equal(1, again.Attempt);
        Assert.Equal(chief, (await cluster.PodAsync("elastic-worker-0")).Metadata.Uid);
    }

    [Fact]
    public async Task CordonedNodeThatIsDrained_SendsTheJobElsewhere()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 2);
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("drained").Workers(1));
        var node = (await cluster.ReachesAsync("drained", JobPhase.Running)).Placement[0].Node;

        await cluster.Client.PatchAsync(ResourceKinds.Nodes, null, node, new JsonObject { ["spec"] = new JsonObject { ["unschedulable"] = true } }, CancellationToken.None);
        await cluster.SubmitAsync(new TestJob("probe").With(spec => spec["replicas"]!["worker"]!["nodeSelector"] = new JsonObject { ["kubernetes.io/hostname"] = node }));
        await cluster.ReachesAsync("probe", static status => status.Find(ConditionType.Waiting)?.Reason is Reason.NoNodeFits or Reason.NeverFits, "to find its node closed");
        await cluster.Client.DeleteAsync(ResourceKinds.Pods, cluster.Space, "drained-worker-0", null, CancellationToken.None);
        var again = await cluster.ReachesAsync("drained", static status => status is { Phase: JobPhase.Running, Attempt: 2 }, "to run elsewhere");

        Assert.NotEqual(node, again.Placement[0].Node);
        Assert.Equal(0, again.Restarts);
    }

    [Fact]
    public async Task PodWhoseLabelsAreEditedByHand_IsReplacedByOneInItsPlace()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("edited").Workers(1));
        await cluster.ReachesAsync("edited", JobPhase.Running);

        await cluster.Client.PatchAsync(ResourceKinds.Pods, cluster.Space, "edited-worker-0", new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { [PodNames.AttemptLabel] = "77" } } }, CancellationToken.None);

        await TestCluster.EventuallyAsync(
            async () => await cluster.Client.FindAsync(ResourceKinds.Pods, cluster.Space, "edited-worker-0", CancellationToken.None) is { Status.Phase: "Running" } pod && PodMarks.Attempt(pod) == 1,
            "a pod of the first attempt to run");
        cluster.AssertSound();
    }

    [Fact]
    public async Task NameThatAStrangersPodHolds_IsToldInWords_AndTheStrangerIsLeftAlone()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        var stranger = new k8s.Models.V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new() { Name = "taken-worker-0", NamespaceProperty = cluster.Space },
            Spec = new() { Containers = [new() { Name = "main", Image = "other" }] },
        };
        var uid = (await cluster.Client.CreateAsync(ResourceKinds.Pods, stranger, CancellationToken.None)).Metadata.Uid;
        await SubmitToAStrangersNameAsync(cluster);

        Assert.Equal(uid, (await cluster.PodAsync("taken-worker-0")).Metadata.Uid);
    }

    [Fact]
    public async Task NameThatAStrangersServiceHolds_IsToldInWords_BeforeAnyPodIsMade()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        var stranger = new k8s.Models.V1Service
        {
            ApiVersion = "v1",
            Kind = "Service",
            Metadata = new() { Name = "taken", NamespaceProperty = cluster.Space },
            Spec = new() { Ports = [new() { Port = 80 }] },
        };
        var uid = (await cluster.Client.CreateAsync(ResourceKinds.Services, stranger, CancellationToken.None)).Metadata.Uid;
        await SubmitToAStrangersNameAsync(cluster);

        Assert.Empty(await cluster.PodsAsync("taken"));
        Assert.Equal(uid, (await cluster.Client.GetAsync(ResourceKinds.Services, cluster.Space, "taken", CancellationToken.None)).Metadata.Uid);
    }

    [Fact]
    public async Task NameThatAStrangersSecretHolds_IsToldInWords_AndTheSecretIsLeftAlone()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        var stranger = new k8s.Models.V1Secret
        {
            ApiVersion = "v1",
            Kind = "Secret",
            Metadata = new() { Name = GangObjects.SecretName("taken"), NamespaceProperty = cluster.Space },
            Data = new Dictionary<string, byte[]> { ["password"] = [1, 2, 3] },
        };
        await cluster.Client.CreateAsync(ResourceKinds.Secrets, stranger, CancellationToken.None);
        await SubmitToAStrangersNameAsync(cluster);

        Assert.Empty(await cluster.PodsAsync("taken"));
        Assert.Equal(["password"], (await cluster.Client.GetAsync(ResourceKinds.Secrets, cluster.Space, GangObjects.SecretName("taken"), CancellationToken.None)).Data.Keys);
    }

    [Fact]
    public async Task ForeignPods_CountWhateverSchedulerPlacedThem()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 1, cpu: "4");
        await cluster.Client.CreateAsync(ResourceKinds.Pods, new k8s.Models.V1Pod
        {
            ApiVersion = "v1",
            Kind = "Pod",
            Metadata = new() { Name = "foreign", NamespaceProperty = cluster.Space },
            Spec = new() { NodeName = "node-0", Containers = [new() { Name = "main", Image = "other", Resources = new() { Requests = new Dictionary<string, k8s.Models.ResourceQuantity> { ["cpu"] = new("3") } } }] },
        }, CancellationToken.None);
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("squeezed").Workers(1, cpu: "2"));

        var waiting = await cluster.ReachesAsync("squeezed", static status => status.Find(ConditionType.Waiting)?.Reason == Reason.NoNodeFits, "to wait for room");
        await cluster.Client.DeleteAsync(ResourceKinds.Pods, cluster.Space, "foreign", null, CancellationToken.None);
        await cluster.ReachesAsync("squeezed", JobPhase.Running);

        Assert.Equal(1, waiting.NodesByCause.Values.Sum());
        cluster.AssertSound();
    }

    [Fact]
    public async Task QuotaEditedBelowUse_StopsNobody_AndTheQueueSaysSo()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("within").Workers(2, cpu: "2"));
        await cluster.ReachesAsync("within", JobPhase.Running);

        await cluster.Client.PatchAsync(ResourceKinds.Queues, null, cluster.Queue, new JsonObject { ["spec"] = JsonNode.Parse(TestQueues.Queue("x", "any", cpu: 1).Spec.GetRawText()) }, CancellationToken.None);
        await TestCluster.EventuallyAsync(async () => (await cluster.Client.GetAsync(ResourceKinds.Queues, null, cluster.Queue, CancellationToken.None)).ReadStatus().Conditions.Any(static condition => condition is { Type: ConditionType.OverQuota, Status: ConditionStatus.True }), "the queue to say that it is over its quota");
        await cluster.SubmitAsync(new TestJob("beyond").Workers(1, cpu: "1"));
        await cluster.ReachesAsync("beyond", static status => status.Find(ConditionType.Waiting)?.Reason == Reason.WaitingForQuota, "to wait for quota");

        Assert.Equal(JobPhase.Running, (await cluster.StatusAsync("within")).Phase);
    }

    [Fact]
    public async Task HigherPriority_StopsTheLower_WhichGoesOnAfterwards()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 1, cpu: "4");
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("low").Workers(1, cpu: "3"));
        await cluster.ReachesAsync("low", JobPhase.Running);

        await cluster.SubmitAsync(new TestJob("high").Workers(1, cpu: "3").Runs(0.5).With(static spec => spec["priority"] = 10));
        var stopped = await cluster.ReachesAsync("low", static status => status.Phase == JobPhase.Pending, "to be stopped");
        await cluster.ReachesAsync("high", JobPhase.Succeeded);
        var again = await cluster.ReachesAsync("low", JobPhase.Running);

        Assert.Equal((2, 0, 0), (again.Attempt, again.Restarts, again.InfrastructureFailures));
        Assert.NotNull(stopped);
        Assert.Contains(await EventsAsync(cluster), static item => item.StartsWith(Reason.Preempted, StringComparison.Ordinal));
        cluster.AssertSound();
    }

    [Fact]
    public async Task HalfClusterGangs_SubmittedTogether_OneRunsOneWaits_NeverAPartOfBoth()
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 4, cpu: "64", gpus: 4);
        cluster.StartOperator();
        for (var round = 0; round < TestSettings.Rounds(few: 8); round++)
        {
            string[] names = [$"left-{round}", $"right-{round}"];
            await Task.WhenAll(names.Select(name => cluster.SubmitAsync(new TestJob(name).Workers(9, gpus: 1))));
            TrainingJobStatus[] statuses = [];
            await TestCluster.EventuallyAsync(
                async () => (statuses = await Task.WhenAll(names.Select(cluster.StatusAsync))).Count(static status => status.Phase == JobPhase.Running) == 1
                    && statuses.Count(static status => status.Find(ConditionType.Waiting) is { Status: ConditionStatus.True, Reason: Reason.NoNodeFits or Reason.WaitingForQuota }) == 1,
                () => $"one of two gangs to run: {string.Join(" | ", statuses.Select(static status => status.ToJson()))}");

            // Pods that were being made when the round before was deleted may still be there until they are collected.
            var pods = (await Task.WhenAll(names.Select(cluster.PodsAsync))).SelectMany(static pods => pods).ToList();
            Assert.Equal(9, pods.Count);
            Assert.Single(pods.Select(static pod => pod.Metadata.OwnerReferences.Single().Uid).Distinct());
            foreach (var name in names)
            {
                await cluster.Client.DeleteAsync(ResourceKinds.TrainingJobs, cluster.Space, name, null, CancellationToken.None);
            }

            await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync()).Count == 0, "all pods to go");
        }

        cluster.AssertSound();
    }

    /// <summary>Submits the job <c>taken</c> and waits until it says what is in its way.</summary>
    private static async Task SubmitToAStrangersNameAsync(DoubleCluster cluster)
    {
        await cluster.SubmitAsync(new TestJob("taken").Workers(1));
        await cluster.ReachesAsync("taken", static status => status.Find(ConditionType.Running)?.Message.Contains("not this job's", StringComparison.Ordinal) == true, "to say what is in its way");
    }

    private static async Task<IReadOnlyList<string>> EventsAsync(DoubleCluster cluster) =>
        [.. (await cluster.Client.ListAsync(ResourceKinds.Events, cluster.Space)).Items.Select(static item => $"{item.Reason}: {item.Message}")];
}
