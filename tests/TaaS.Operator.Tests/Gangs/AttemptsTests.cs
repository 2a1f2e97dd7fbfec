using TaaS.Jobs;
using TaaS.Scheduling.Model;

namespace TaaS.Operator.Tests;

/// <summary>How statuses change. What is written here is all that survives a crash.</summary>
public sealed class AttemptsTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(1, 60)]
    [InlineData(2, 120)]
    [InlineData(3, 240)]
    [InlineData(6, 1920)]
    [InlineData(7, 3600)]
    [InlineData(1000, 3600)]
    public void Pause_DoublesUpToAnHour(int failures, int seconds) => Assert.Equal(TimeSpan.FromSeconds(seconds), Attempts.Pause(failures));

    [Fact]
    public void AttemptThatNeverWasWhole_CostsAPauseAndItsNodes_ButNoRetry()
    {
        var status = Attempts.EndByInfrastructure(Begun(), Reason.GangTimeout, "late", [new ExcludedNode("a", "late", Now)], Now);

        Assert.Equal((JobPhase.Pending, 0, 1), (status.Phase, status.Restarts, status.InfrastructureFailures));
        Assert.Equal(Now + TimeSpan.FromSeconds(60), status.NotBefore);
        Assert.Empty(status.Placement);
        Assert.Equal(["a"], status.ExcludedNodes.Select(static node => node.Node));
    }

    [Fact]
    public void AttemptThatRan_WaitsForNothing() =>
        Assert.Null(Attempts.EndByInfrastructure(Begun() with { StartTime = Now }, Reason.InfrastructureFailure, "lost", [], Now).NotBefore);

    [Fact]
    public void NextAttempt_HasANumberOfItsOwn_AndTheClockOfItsTimeLimitStartsAnew()
    {
        var ended = Attempts.End(Begun(), Reason.Preempted, "for another", Now);
        var again = Attempts.Begin(ended, Admission, "uid", Now + TimeSpan.FromHours(1));

        Assert.Equal(2, again.Attempt);
        Assert.Equal(Now + TimeSpan.FromHours(1), again.Find(ConditionType.Admitted)!.LastTransitionTime);
        Assert.Null(again.NotBefore);
    }

    [Fact]
    public void FinishedJob_HoldsNothing_AndSaysWhenItRan()
    {
        var done = Attempts.Finish(Begun() with { StartTime = Now }, true, Reason.Completed, "done", Now + TimeSpan.FromMinutes(1));

        Assert.Equal((JobPhase.Succeeded, 0), (done.Phase, done.Workers));
        Assert.Empty(done.Placement);
        Assert.Equal((Now, Now + TimeSpan.FromMinutes(1)), (done.StartTime, done.CompletionTime));
        Assert.False(done.Is(ConditionType.Waiting));
        Assert.False(done.Is(ConditionType.Running));
    }

    private static Admission Admission { get; } = new("uid", new Placement([new PodPlacement("worker", 0, "a", "any"), new PodPlacement("worker", 1, "b", "any")]), false, false);

    private static TrainingJobStatus Begun() => Attempts.Begin(new TrainingJobStatus(), Admission, "uid", Now);
}
