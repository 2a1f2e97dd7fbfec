using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Kubernetes;

namespace TaaS.Operator.Tests;

/// <summary>A job from submission to its end, as its owner sees it. The same tests run against the double and against a real cluster.</summary>
public abstract class LifecycleTests
{
    private protected abstract Task<TestCluster> OpenAsync();

    [SkippableFact]
    public async Task Job_RunsAndSucceeds_ItsServersGo_ItsLogsStay()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("plain").Servers(1).Workers(2).Runs(1));

        var done = await cluster.ReachesAsync("plain", JobPhase.Succeeded);

        Assert.Equal(1, done.Attempt);
        Assert.Equal(0, done.Restarts);
        Assert.NotNull(done.CompletionTime);
        Assert.Equal(Reason.Completed, done.Find(ConditionType.Succeeded)?.Reason);
        await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync("plain")).All(static pod => pod.Status.Phase == "Succeeded"), "all pods that still run to go");
        Assert.Contains(await cluster.PodsAsync("plain"), static pod => pod.Metadata.Name == "plain-worker-0");
    }

    [SkippableFact]
    public async Task Pods_KnowTheirPlace()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("placed").Servers(1).Workers(2));
        await cluster.ReachesAsync("placed", JobPhase.Running);

        var pod = await cluster.PodAsync("placed-worker-1");
        var environment = pod.Spec.Containers[0].Env.Where(static variable => variable.Value is not null).ToDictionary(static variable => variable.Name, static variable => variable.Value);
        var place = TaskConfig.Parse(environment[TaskConfig.EnvironmentVariable]);

        Assert.Equal(new TaskSpec("worker", 1), place.Task);
        Assert.Equal([$"placed-ps-0.placed.{cluster.Space}.svc:2222"], place.Cluster.ParameterServers);
        Assert.Equal(2, TaskConfig.Parse(environment[TaskConfig.TensorFlowVariable]).Cluster.Workers.Count);
        Assert.Equal("taas-scheduler", pod.Spec.SchedulerName);
        Assert.Equal("placed", pod.Spec.Subdomain);
        var service = await cluster.Client.GetAsync(ResourceKinds.Services, cluster.Space, "placed", CancellationToken.None);
        Assert.Equal("None", service.Spec.ClusterIP);
        Assert.True(service.Spec.PublishNotReadyAddresses);
        var secret = await cluster.Client.GetAsync(ResourceKinds.Secrets, cluster.Space, "placed-taas", CancellationToken.None);
        Assert.Equal("placed", TrainingJob.Parse(System.Text.Encoding.UTF8.GetString(secret.Data["job.yaml"])).Name);
        Assert.True(secret.Data["secret"].Length >= 32);
    }

    [SkippableFact]
    public async Task FinishedJob_IsDeletedWithAllThatItOwned_WhenItsTimeIsOver()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("brief").Workers(1).Runs(0.1).Policy("ttlAfterFinished", "1s"));

        await TestCluster.EventuallyAsync(async () => await cluster.Client.FindAsync(ResourceKinds.TrainingJobs, cluster.Space, "brief", CancellationToken.None) is null, "the job to be deleted");
        await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync("brief")).Count == 0, "its pods to be collected");
        await TestCluster.EventuallyAsync(async () => await cluster.Client.FindAsync(ResourceKinds.Services, cluster.Space, "brief", CancellationToken.None) is null, "its Service to be collected");
    }

    [SkippableFact]
    public async Task FailingProgram_IsStartedAgain_ThenGivenUp_WithItsExitCodeInWords()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("faulty").Workers(1).Runs(0.1, code: 7).Policy("backoffLimit", 1));

        var failed = await cluster.ReachesAsync("faulty", JobPhase.Failed);

        Assert.Equal(2, failed.Restarts);
        Assert.Equal(1, failed.Attempt);
        Assert.Equal(Reason.BackoffLimitExceeded, failed.Find(ConditionType.Failed)?.Reason);
        Assert.Contains("exit code 7", failed.Find(ConditionType.Failed)!.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task SuspendedJob_GivesItsNodesBack_AndGoesOnWhenLetGo()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("paused").Servers(1).Workers(2));
        await cluster.ReachesAsync("paused", JobPhase.Running);

        await cluster.PatchAsync("paused", new JsonObject { ["suspend"] = true });
        var held = await cluster.ReachesAsync("paused", JobPhase.Suspended);
        await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync("paused")).Count == 0, "the pods to go");
        await cluster.PatchAsync("paused", new JsonObject { ["suspend"] = false });
        var again = await cluster.ReachesAsync("paused", JobPhase.Running);

        Assert.Empty(held.Placement);
        Assert.Equal(2, again.Attempt);
        Assert.Equal(0, again.Restarts);
        Assert.Equal(3, (await cluster.PodsAsync("paused")).Count);
    }

    [SkippableFact]
    public async Task JobHeldBackFromTheStart_MakesNoPods()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("held").With(static spec => spec["suspend"] = true));

        var held = await cluster.ReachesAsync("held", JobPhase.Suspended);

        Assert.Equal(0, held.Attempt);
        Assert.Empty(await cluster.PodsAsync("held"));
    }

    [SkippableFact]
    public async Task ScaledJob_LosesItsLastWorkers_AndTheOthersRunOn()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("elastic").Servers(1).Workers(3, min: 3, max: 4).With(static spec => spec["replicas"]!["worker"]!["min"] = 1));
        await cluster.ReachesAsync("elastic", static status => status is { Phase: JobPhase.Running, Workers: 3 }, "to run with 3 workers");
        var before = (await cluster.PodAsync("elastic-worker-0")).Metadata.Uid;

        await cluster.PatchAsync("elastic", new JsonObject { ["replicas"] = new JsonObject { ["worker"] = new JsonObject { ["count"] = 2 } } });
        var smaller = await cluster.ReachesAsync("elastic", static status => status.Workers == 2, "to have 2 workers");
        await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync("elastic")).Count == 3, "the third worker to go");
        await cluster.PatchAsync("elastic", new JsonObject { ["replicas"] = new JsonObject { ["worker"] = new JsonObject { ["count"] = 4 } } });
        await cluster.ReachesAsync("elastic", static status => status.Workers == 4 && status.ReadyReplicas.GetValueOrDefault("worker") == 4, "to have 4 workers");

        Assert.Equal(1, smaller.Attempt);
        Assert.Equal(before, (await cluster.PodAsync("elastic-worker-0")).Metadata.Uid);
    }

    [SkippableFact]
    public async Task DeletedPod_IsMadeAgainInItsPlace()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("disturbed").Workers(1));
        await cluster.ReachesAsync("disturbed", JobPhase.Running);
        var before = await cluster.PodAsync("disturbed-worker-0");

        await cluster.Client.DeleteAsync(ResourceKinds.Pods, cluster.Space, before.Metadata.Name, null, CancellationToken.None);
        await TestCluster.EventuallyAsync(
            async () => await cluster.Client.FindAsync(ResourceKinds.Pods, cluster.Space, before.Metadata.Name, CancellationToken.None) is { Status.Phase: "Running" } pod && pod.Metadata.Uid != before.Metadata.Uid,
            "another pod to run in its place");

        var status = await cluster.ReachesAsync("disturbed", static status => status.Is(ConditionType.Running), "to run again");
        Assert.Equal(1, status.Attempt);
        Assert.Equal(0, status.Restarts);
        Assert.Equal(before.Spec.NodeName, (await cluster.PodAsync(before.Metadata.Name)).Spec.NodeName);
    }

    [SkippableFact]
    public async Task JobThatNeverFits_IsRefusedAtOnce()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("giant").Workers(1, cpu: "9000"));

        var refused = await cluster.ReachesAsync("giant", JobPhase.Failed);

        Assert.Equal(0, refused.Attempt);
        Assert.Equal(Reason.NeverFits, refused.Find(ConditionType.Failed)?.Reason);
        Assert.Empty(await cluster.PodsAsync("giant"));
    }

    [SkippableFact]
    public async Task JobOfAQueueThatDoesNotExist_WaitsAndSaysSo_UntilItDoes()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("lost") { Queue = $"{cluster.Queue}-other" });

        var waiting = await cluster.ReachesAsync("lost", static status => status.Find(ConditionType.Waiting)?.Reason == Reason.Misconfigured, "to say what is missing");

        Assert.Equal(JobPhase.Pending, waiting.Phase);
        Assert.Contains($"{cluster.Queue}-other", waiting.Find(ConditionType.Waiting)!.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task UnknownField_IsRefusedByName_AndTheJobGoesOnWhenItIsMended()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("typo").With(static spec => spec["epoch"] = 3));

        var refused = await cluster.ReachesAsync("typo", JobPhase.Failed);
        await cluster.PatchAsync("typo", new JsonObject { ["epoch"] = null });
        await cluster.ReachesAsync("typo", JobPhase.Running);

        Assert.Equal(Reason.InvalidSpec, refused.Find(ConditionType.Failed)?.Reason);
        Assert.Contains("spec.epoch", refused.Find(ConditionType.Failed)!.Message, StringComparison.Ordinal);
    }

    [SkippableFact]
    public async Task JobThatRunsTooLong_Fails()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("endless").Workers(1).Policy("activeDeadline", "1s"));

        var failed = await cluster.ReachesAsync("endless", JobPhase.Failed);

        Assert.Equal(Reason.DeadlineExceeded, failed.Find(ConditionType.Failed)?.Reason);
        await TestCluster.EventuallyAsync(async () => (await cluster.PodsAsync("endless")).All(PodMarks.IsTerminal), "its pods to go");
    }

    [SkippableFact]
    public async Task SuccessOfAll_WaitsForEveryWorker()
    {
        await using var cluster = await OpenAsync();
        await cluster.SubmitAsync(new TestJob("together").Workers(2).Servers(1).Runs(0.5).Policy("success", "all"));

        var done = await cluster.ReachesAsync("together", JobPhase.Succeeded);

        Assert.Contains("all 2 workers", done.Find(ConditionType.Succeeded)!.Message, StringComparison.Ordinal);
    }
}

/// <summary>Against the double.</summary>
public sealed class DoubleLifecycleTests : LifecycleTests
{
    private protected override async Task<TestCluster> OpenAsync()
    {
        var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        return cluster;
    }
}
