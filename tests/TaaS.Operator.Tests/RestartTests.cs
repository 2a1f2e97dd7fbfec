using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using TaaS.Jobs;
using TaaS.Operator.Tests.ApiServer;

namespace TaaS.Operator.Tests;

/// <summary>When a program that fails is started again, and when there is no sense in it.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task PodThatFails_IsStartedAgainAtOnce_TheFirstTime()
    {
        var pauses = await RestartsAsync(TimeProvider.System, times: 1);

        Assert.InRange(Assert.Single(pauses), TimeSpan.Zero, TimeSpan.FromSeconds(9));
    }

    /// <summary>Otherwise a program that cannot start keeps the cluster busy with nothing else.</summary>
    [Fact]
    public async Task PodThatFailsAgainAndAgain_IsStartedAgainAfterALongerPauseEachTime()
    {
        var pauses = await RestartsAsync(new FastTime(30), times: 3);

        Assert.Equal(3, pauses.Count);
        Assert.InRange(pauses[1], TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(2));
        Assert.InRange(pauses[2], TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(2));
    }

    /// <summary>The same role would say the same of the same job file, however often it is asked.</summary>
    [Fact]
    public async Task RoleThatFindsTheJobItselfAtFault_IsNotStartedAgain()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        var failed = await EndsWithUsageAsync(cluster, new TestJob("wrong").With(static spec => spec["program"] = new JsonObject { ["example"] = "nosuch" }), JobPhase.Failed);

        Assert.Equal(Reason.InvalidSpec, failed.Find(ConditionType.Failed)?.Reason);
        Assert.Contains("exit code 2: spec.program.example: there is no nosuch", failed.Find(ConditionType.Failed)!.Message, StringComparison.Ordinal);
        Assert.Equal(1, failed.Attempt);
        cluster.AssertSound();
    }

    /// <summary>What the code means there only its author knows.</summary>
    [Fact]
    public async Task ImageOfTheUsersOwn_ThatEndsWithTheSameCode_IsStartedAgain()
    {
        await using var cluster = await DoubleCluster.StartAsync();
        var again = await EndsWithUsageAsync(cluster, new TestJob("wrong"), JobPhase.Running);

        Assert.Equal(1, again.Restarts);
        cluster.AssertSound();
    }

    /// <summary>Runs a job, lets its pod end with the code that stands for a wrong job file, and waits.</summary>
    private static async Task<TrainingJobStatus> EndsWithUsageAsync(DoubleCluster cluster, TestJob job, JobPhase then)
    {
        cluster.StartOperator();
        await cluster.SubmitAsync(job.Workers(1));
        await cluster.ReachesAsync("wrong", JobPhase.Running);
        await cluster.SetPodStatusAsync("wrong-worker-0", new JsonObject
        {
            ["phase"] = "Failed",
            ["containerStatuses"] = new JsonArray(new JsonObject
            {
                ["name"] = "main",
                ["image"] = "image",
                ["imageID"] = "",
                ["ready"] = false,
                ["restartCount"] = 0,
                ["state"] = new JsonObject { ["terminated"] = new JsonObject { ["exitCode"] = 2, ["reason"] = "Error", ["message"] = "spec.program.example: there is no nosuch" } },
            }),
        });
        return await cluster.ReachesAsync("wrong", status => status.Phase == then && status.Restarts == 1, $"to be {then} after its failure");
    }

    /// <summary>Runs a job whose pod fails until it may not any more.</summary>
    /// <returns>How long each restart took, from when the failure was noted until the next pod was made.</returns>
    private static async Task<IReadOnlyList<TimeSpan>> RestartsAsync(TimeProvider time, int times)
    {
        await using var cluster = await DoubleCluster.StartAsync(nodes: 1, time: time);
        var steps = new ConcurrentQueue<(string Method, DateTimeOffset At)>();
        cluster.Server.Faults.Plan = request =>
        {
            if ((request.Method == "PATCH" && request.Path.EndsWith("/pods/unlucky-worker-0", StringComparison.Ordinal)) || (request.Method == "POST" && request.Path.EndsWith("/pods", StringComparison.Ordinal)))
            {
                steps.Enqueue((request.Method, time.GetUtcNow()));
            }

            return null;
        };
        cluster.StartOperator();
        await cluster.SubmitAsync(new TestJob("unlucky").Workers(1).Runs(0.05, code: 3).Policy("backoffLimit", times));
        await cluster.ReachesAsync("unlucky", JobPhase.Failed);

        cluster.AssertSound();
        var seen = steps.ToList();
        Assert.Equal([.. Enumerable.Repeat((string[])["POST", "PATCH"], times + 1).SelectMany(static step => step)], seen.Select(static step => step.Method));
        return [.. Enumerable.Range(1, times).Select(restart => seen[2 * restart].At - seen[(2 * restart) - 1].At)];
    }
}
