using TaaS.Jobs;
using TaaS.Kubernetes;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>An API server that is away, slow, forgetful, or takes us for somebody else.</summary>
public sealed class WeatherTests
{
    [Fact]
    public async Task WatchesThatAreDropped_GoOnWhereTheyWere()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        for (var round = 0; round < 5; round++)
        {
            await cluster.SubmitAsync(new TestJob($"job-{round}").Workers(2).Runs(0.1));
            cluster.Server.DropWatches();
            await cluster.ReachesAsync($"job-{round}", JobPhase.Succeeded);
        }

        // Dropped is not forgotten: nobody needs to list again.
        Assert.Equal(1, cluster.Server.Log.Count(static line => line == "GET /apis/taas.dev/v1alpha1/trainingjobs"));
        Assert.True(cluster.Server.Watches("/apis/taas.dev/v1alpha1/trainingjobs") > 2);
        cluster.AssertSound();
    }

    [Fact]
    public async Task HistoryThatIsCompacted_IsListedAnew()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("before").Workers(1));
        await cluster.ReachesAsync("before", JobPhase.Running);

        cluster.Server.Faults.WatchesHeldUntil = new TaskCompletionSource().Task;
        cluster.Server.DropWatches();
        await cluster.SubmitAsync(new TestJob("after").Workers(1).Runs(0.1));
        lock (cluster.Server.Database.Gate)
        {
            cluster.Server.Database.Compact();
        }

        cluster.Server.Faults.WatchesHeldUntil = Task.CompletedTask;
        cluster.Server.DropWatches();
        await cluster.ReachesAsync("after", JobPhase.Succeeded);
        cluster.AssertSound();
    }

    [Fact]
    public async Task DuplicatedEvents_ChangeNothing()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        cluster.Server.Faults.DuplicatesEvents = true;
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("twice").Servers(1).Workers(2).Runs(0.2));

        var done = await cluster.ReachesAsync("twice", JobPhase.Succeeded);

        Assert.Equal((1, 0), (done.Attempt, done.Restarts));
        Assert.Equal(3, cluster.Kubelet.Started.Count);
        cluster.AssertSound();
    }

    [Fact]
    public async Task WatchThatFallsSilent_IsStartedAnew()
    {
        await using var cluster = await DoubleCluster.StartAsync(time: new FastTime(60));
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("heard").Workers(1));
        await cluster.ReachesAsync("heard", JobPhase.Running);

        cluster.Server.Faults.MutesWatches = true;
        await Task.Delay(50);
        await cluster.SubmitAsync(new TestJob("unheard").Workers(1));
        await Task.Delay(200);
        Assert.Equal(0, (await cluster.StatusAsync("unheard")).Attempt);
        cluster.Server.Faults.MutesWatches = false;

        await cluster.ReachesAsync("unheard", JobPhase.Running);
    }

    [Fact]
    public async Task ServerThatIsAwayForTenMinutes_FindsTheOperatorAtWork_WhenItIsBack()
    {
        var time = new FastTime(120);
        await using var cluster = await DoubleCluster.StartAsync(time: time);
        var running = cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("patient").Workers(2));
        await cluster.ReachesAsync("patient", JobPhase.Running);
        var pods = (await cluster.PodsAsync()).Select(static pod => pod.Metadata.Uid).ToList();

        cluster.Server.Faults.IsDown = true;
        cluster.Server.DropWatches();
        await TestCluster.EventuallyAsync(() => Task.FromResult(running.Process.Trouble is not null), "the operator to notice");
        var told = running.Log.Lines.Count;
        for (var second = 0; second < 600; second++)
        {
            await Task.Delay(TimeSpan.FromSeconds(1), time);
            Assert.NotNull(running.Process.Trouble);
        }

        Assert.DoesNotContain(running.Log.Lines.Skip(told), static line => line.Contains("again", StringComparison.Ordinal));
        cluster.Server.Faults.IsDown = false;
        await cluster.SubmitAsync(new TestJob("next").Workers(1).Runs(0.1));
        await cluster.ReachesAsync("next", JobPhase.Succeeded);

        Assert.Equal(pods, (await cluster.PodsAsync("patient")).Select(static pod => pod.Metadata.Uid));
        Assert.Equal((1, 0, 0), ((await cluster.StatusAsync("patient")).Attempt, (await cluster.StatusAsync("patient")).Restarts, (await cluster.StatusAsync("patient")).InfrastructureFailures));
        await TestCluster.EventuallyAsync(() => Task.FromResult(running.Process.Trouble is null), "the operator to be ready again");
        cluster.AssertSound();
    }

    [Fact]
    public async Task CredentialsThatExpire_AreReadAgain_AndToldOfInOneLine()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        var token = "first";
        cluster.Server.Faults.Token = "first";
        await using var running = RunningOperator.Start(() => new k8s.KubernetesClientConfiguration { Host = cluster.Server.Url, AccessToken = token }, TimeProvider.System);
        await TestCluster.EventuallyAsync(() => Task.FromResult(running.Log.Lines.Any(static line => line.Contains("the cluster is known", StringComparison.Ordinal))), "the operator to know the cluster");

        cluster.Server.Faults.Token = "second";
        cluster.Server.DropWatches();
        await TestCluster.EventuallyAsync(() => Task.FromResult(running.Log.Lines.Any(static line => line.Contains("expired", StringComparison.Ordinal))), "a word about the credentials");
        token = "second";
        await TestCluster.EventuallyAsync(() => Task.FromResult(running.Process.Trouble is null), "the operator to be ready again");

        Assert.DoesNotContain(running.Log.Lines, static line => line.Contains('\n', StringComparison.Ordinal));
    }

    [Fact]
    public async Task KindsThatAreMissing_AreToldOf_AndWaitedFor()
    {
        await using var cluster = await DoubleCluster.StartAsync(hasKinds: false);
        var running = cluster.StartOperator();
        await TestCluster.EventuallyAsync(() => Task.FromResult(running.Log.Lines.Any(static line => line.Contains("kubectl apply -k", StringComparison.Ordinal))), "a word about the missing kinds");
        Assert.NotNull(running.Process.Trouble);

        await cluster.InstallAsync();
        await cluster.SubmitAsync(new TestJob("late").Workers(1).Runs(0.1));
        await cluster.ReachesAsync("late", JobPhase.Succeeded);
        cluster.AssertSound();
    }

    [Theory]
    [InlineData(500, false)]
    [InlineData(500, true)]
    [InlineData(429, false)]
    [InlineData(0, false)]
    [InlineData(0, true)]
    public async Task ServerThatFailsEveryThirdWrite_ComesToTheSameEnd(int code, bool isAfter)
    {
        await using var cluster = await DoubleCluster.StartAsync();
        var writes = 0;
        var isReady = false;
        cluster.Server.Faults.Plan = request => isReady && request.IsWrite && !request.Path.EndsWith("/trainingjobs", StringComparison.Ordinal) && Interlocked.Increment(ref writes) % 3 == 0
            ? code == 0 ? new Fault.Break(isAfter) : new Fault.Answer(code, isAfter)
            : null;
        cluster.StartOperator();
        isReady = true;
        await cluster.SubmitAsync(new TestJob("stormy").Servers(1).Workers(4).Runs(2));

        var done = await cluster.ReachesAsync("stormy", JobPhase.Succeeded);
        isReady = false;

        Assert.Equal((1, 0), (done.Attempt, done.Restarts));
        Assert.Equal(5, cluster.Kubelet.Started.Count);
        cluster.AssertSound();
    }

    [Theory]
    [InlineData(-3600)]
    [InlineData(3600)]
    public async Task ClockThatIsAnHourWrong_DelaysNothing(int seconds)
    {
        await using var cluster = await DoubleCluster.StartAsync();
        await using var running = RunningOperator.Start(() => cluster.Server.Configuration, new FastTime(1) { Skew = TimeSpan.FromSeconds(seconds) });
        await cluster.SubmitAsync(new TestJob("skewed").Workers(2).Runs(0.2, code: 1).Policy("backoffLimit", 1).Policy("ttlAfterFinished", "2s"));

        await cluster.ReachesAsync("skewed", JobPhase.Failed);
        await TestCluster.EventuallyAsync(async () => await cluster.Client.FindAsync(ResourceKinds.TrainingJobs, cluster.Space, "skewed", CancellationToken.None) is null, "the job to be deleted when its time is over");
    }
}
