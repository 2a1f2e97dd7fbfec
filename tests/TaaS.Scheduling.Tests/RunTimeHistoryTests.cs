using TaaS.Scheduling.Model;
using TaaS.Scheduling.RunTimes;

namespace TaaS.Scheduling.Tests;

/// <summary>Jobs that do not say how long they run would make every reservation open-ended.</summary>
public sealed class RunTimeHistoryTests
{
    [Fact]
    public void NumberedJobsOfANamespace_AreOneKind()
    {
        var history = new RunTimeHistory(quantile: 0.5);
        for (var run = 1; run <= 5; run++)
        {
            history.Record(Gang($"team-a/train-{run}"), TimeSpan.FromMinutes(run));
        }

        Assert.Equal(TimeSpan.FromMinutes(3), history.Estimate(Gang("team-a/train-99")));
        Assert.Null(history.Estimate(Gang("team-a/eval-1", pods: 2)));
    }

    [Fact]
    public void JobOfAnotherName_LearnsFromThoseOfItsShape()
    {
        var history = new RunTimeHistory(quantile: 1);
        for (var run = 1; run <= 3; run++)
        {
            history.Record(Gang($"team-a/kind-{(char)('a' + run)}"), TimeSpan.FromHours(run));
        }

        Assert.Equal(TimeSpan.FromHours(3), history.Estimate(Gang("team-a/other")));
        Assert.Null(history.Estimate(Gang("team-a/other", pods: 2)));
        Assert.Null(history.Estimate(Gang("team-a/other", queue: "b")));
    }

    [Fact]
    public void OwnName_TellsMoreThanShape()
    {
        var history = new RunTimeHistory();
        for (var run = 1; run <= 3; run++)
        {
            history.Record(Gang($"team-a/train-{run}"), TimeSpan.FromMinutes(1));
            history.Record(Gang($"team-a/eval-{run}"), TimeSpan.FromHours(1));
        }

        Assert.Equal(TimeSpan.FromMinutes(1), history.Estimate(Gang("team-a/train-4")));
    }

    [Fact]
    public void OtherNamespaceRoleOrRequests_TellNothing()
    {
        var history = new RunTimeHistory(leastSamples: 1);
        history.Record(Gang("team-1/train"), TimeSpan.FromMinutes(1));

        Assert.Null(history.Estimate(Gang("team-2/train", pods: 2)));
        Assert.Null(history.Estimate(Gang("team-2/train", set: set => set with { Role = "evaluator" })));
        Assert.Null(history.Estimate(Gang("team-2/train", set: set => set with { Requests = Cluster.Resources(8, 1, 1) })));
    }

    [Fact]
    public void TooFewRuns_TellNothing()
    {
        var history = new RunTimeHistory(leastSamples: 2);
        history.Record(Gang("t/a"), TimeSpan.FromMinutes(1));
        history.Record(Gang("t/a"), TimeSpan.Zero);
        Assert.Null(history.Estimate(Gang("t/a")));

        history.Record(Gang("t/a"), TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.FromMinutes(1), history.Estimate(Gang("t/a")));
    }

    [Fact]
    public void OldRuns_AreForgotten()
    {
        var history = new RunTimeHistory(quantile: 1);
        for (var run = 0; run < 100; run++)
        {
            history.Record(Gang("t/a"), TimeSpan.FromMinutes(100 - run));
        }

        Assert.Equal(TimeSpan.FromMinutes(32), history.Estimate(Gang("t/a")));
    }

    [Fact]
    public void KindsWithoutEnd_DoNotFillTheMemory()
    {
        var history = new RunTimeHistory(leastSamples: 1);
        for (var kind = 0; kind < 20_000; kind++)
        {
            history.Record(Gang("t/" + string.Concat(kind.ToString("D5", System.Globalization.CultureInfo.InvariantCulture).Select(digit => (char)('a' + digit - '0'))), queue: $"q{kind}"), TimeSpan.FromMinutes(1));
        }

        Assert.NotNull(history.Estimate(Gang("t/none", queue: "q19999")));
        Assert.Null(history.Estimate(Gang("t/none", queue: "q0")));
    }

    [Fact]
    public void KindThatIsToldOfAgain_IsRemembered()
    {
        var history = new RunTimeHistory(leastSamples: 1);
        for (var kind = 0; kind < 15_000; kind++)
        {
            history.Record(Gang("t/a", queue: kind is 0 or 8_000 ? "twice" : $"q{kind}"), TimeSpan.FromMinutes(1));
        }

        Assert.NotNull(history.Estimate(Gang("t/none", queue: "twice")));
    }

    private static Gang Gang(string name, int pods = 1, string queue = "a", Func<PodSet, PodSet>? set = null) =>
        new Cluster().Gang("id", pods: pods, queue: queue, set: set, change: gang => gang with { Name = name, Submitter = new Submitter(name.Split('/')[0], null, []) }).Snapshot.Gangs[0];
}
