using TaaS.Scheduling.Model;
using TaaS.Scheduling.Simulation;

namespace TaaS.Scheduling.Tests.Simulation;

/// <summary>Virtual time, by hand. Lost otherwise: figures that an admin sets a quota by, and that no cluster would show.</summary>
public sealed class SimulatorTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Eight GPUs. "first" has six of them from 0 to 60 min; "big" wants all eight from minute 10 and gets them from 60 to 90;
    /// "late" wants two from minute 20 and, in strict order, waits for "big": 90 to 100.
    /// </summary>
    [Fact]
    public void TinyTrace_GivesWhatPencilAndPaperGive()
    {
        var result = Workloads.Of(1, Workloads.Job("first", 0, 60, 6), Workloads.Job("big", 10, 30, 8), Workloads.Job("late", 20, 10, 2)).Run("fifo");

        Assert.Equal((3, 3), (result.Jobs, result.Finished));
        Assert.Equal(100 * Minute, result.Makespan);
        // 6·60 + 8·30 + 2·10 = 620 GPU minutes of 800.
        Assert.Equal(620.0 / 800, result.GpuUtilisation, 9);
        // Until the last submission at minute 20 there are six in use.
        Assert.Equal(6.0 / 8, result.GpuUtilisationWhileSubmitting, 9);
        // 0, 50 and 70 minutes.
        Assert.Equal(120.0 / 3 * 60, result.WaitSeconds.Mean, 6);
        Assert.Equal(70 * 60, result.WaitSeconds.Max, 6);
        // "big" is at the head from 10 to 60, "late" from 60 to 90, "first" never.
        Assert.Equal((3, 80.0 * 60 / 3, 50.0 * 60), (result.HeadDelaySeconds.Count, result.HeadDelaySeconds.Mean, result.HeadDelaySeconds.Max));
        // Pods of one GPU each can use every GPU that is free.
        Assert.Equal(0, result.Fragmentation);
    }

    [Fact]
    public void TinyTraceWithBackfill_LetsTheLateJobAhead_AndTheBigOneStartsNoLater()
    {
        var result = Workloads.Of(1, Workloads.Job("first", 0, 60, 6), Workloads.Job("big", 10, 30, 8), Workloads.Job("late", 20, 10, 2)).Run("fifo+backfill");

        Assert.Equal(90 * Minute, result.Makespan);
        Assert.Equal(620.0 / 720, result.GpuUtilisation, 9);
        Assert.Equal(1, result.Backfilled);
        Assert.Equal((50.0 * 60 / 3, 50.0 * 60), (result.HeadDelaySeconds.Mean, result.HeadDelaySeconds.Max));
    }

    /// <summary>Sixteen GPUs on two nodes, five taken on each: a gang of four-GPU pods has six free, of which none is of use to it.</summary>
    [Fact]
    public void FreeGpusThatNoPodOfTheLargestGangFitsOn_CountAsFragmented()
    {
        var workload = Workloads.Of(2, Workloads.Job("left", 0, 60, 1, gpus: 5), Workloads.Job("right", 0, 60, 1, gpus: 5), Workloads.Job("wide", 0, 60, 2, gpus: 4));

        var result = Simulator.Run("scripted", workload, InTurn("left/node-0", "right/node-1"), RunTimeSource.Unknown);

        Assert.Equal(6.0 / 16, result.Fragmentation, 9);
        Assert.Equal("wide", Assert.Single(result.Stuck).Key);
    }

    [Fact]
    public void ElasticGangWithHalfOfItsPods_TakesTwiceAsLong_AndHasTheRestOfItsWorkDoneFasterOnceItGrows()
    {
        var half = Workloads.Of(1, Workloads.Job("elastic", 0, 60, 4, gpus: 4, min: 2)).Run();
        // Two pods from 0 to 30 min do a quarter of the work; then the other four GPUs are free, and what is left takes 45 minutes.
        var grown = Workloads.Of(2, Workloads.Job("blocker", 0, 30, 2, gpus: 4), Workloads.Job("elastic", 0, 60, 4, gpus: 4, min: 2)).Run();

        Assert.Equal(120 * Minute, half.Makespan);
        Assert.Equal(75 * Minute, grown.Makespan);
    }

    [Fact]
    public void StoppedGang_LosesItsWorkSinceTheLastCheckpoint_AndHoldsItsNodeUntilItsPodsAreGone()
    {
        // Stopped at minute 25: 20 minutes are kept, 5 minutes of eight GPUs lost; it goes on from 25:30 with 40 minutes left.
        var workload = Workloads.Of(1, Workloads.Job("victim", 0, 60, 8), Workloads.Job("signal", 25, 1, 1)) with { TerminationTime = TimeSpan.FromSeconds(30) };

        var result = Simulator.Run("scripted", workload, StopOnce("victim", Workload.Start + 25 * Minute), RunTimeSource.Unknown);

        Assert.Equal(1, result.Preemptions);
        Assert.Equal(5.0 * 8 / 60, result.WorkLostHours, 9);
        Assert.Equal(TimeSpan.FromMinutes(65.5) + 1 * Minute, result.Makespan);
        Assert.Equal(2, result.Finished);
    }

    [Fact]
    public void NodeThatFails_TakesItsGangWithIt_WhichStartsAgainElsewhere()
    {
        var workload = Workloads.Of(2, Workloads.Job("job", 0, 60, 8)) with { Failures = [new NodeFailure("node-0", 15 * Minute, 10 * Minute), new NodeFailure("node-1", 15 * Minute, 10 * Minute)] };

        var result = workload.Run();

        // 10 minutes are kept; both nodes are away until 25; 50 minutes are left.
        Assert.Equal(1, result.LostToNodes);
        Assert.Equal(5.0 * 8 / 60, result.WorkLostHours, 9);
        Assert.Equal(75 * Minute, result.Makespan);
        // Nodes that are away are no capacity; the pods hold theirs for half a minute more: 15.5 + 50 minutes of eight GPUs, of sixteen over 65 minutes.
        Assert.Equal((15.5 + 50) * 8 / (65 * 16), result.GpuUtilisation, 9);
    }

    [Fact]
    public void JobThatCanNeverFit_IsRefusedAndHoldsNobodyUp()
    {
        var result = Workloads.Of(1, Workloads.Job("giant", 0, 10, 1, gpus: 9), Workloads.Job("small", 1, 10, 1)).Run();

        Assert.Equal("giant", Assert.Single(result.Refused).Key);
        Assert.Equal((1, 11 * Minute), (result.Finished, result.Makespan));
    }

    [Fact]
    public void Estimates_AreLearntFromJobsOfTheSameNameThatFinished()
    {
        // Users declare 100 minutes; the truth is 10, which the scheduler believes after three have finished.
        var seen = new List<TimeSpan?>();
        var workload = Workloads.Of(1, [.. Enumerable.Range(0, 5).Select(number => Workloads.Job($"same-{number}", 20 * number, 10, 1, declared: 100))]);
        var scheduler = new Scheduler(new SchedulerOptions());

        Simulator.Run("learnt", workload, snapshot =>
        {
            seen.AddRange(snapshot.Gangs.Where(gang => gang.Placement is null).Select(gang => gang.ExpectedRunTime));
            return scheduler.Decide(snapshot);
        }, RunTimeSource.Learnt);

        Assert.Equal([100 * Minute, 100 * Minute, 100 * Minute, 10 * Minute, 10 * Minute], seen);
    }

    /// <summary>Places gangs as told, each once, and lets everything else wait.</summary>
    private static Func<ClusterSnapshot, SchedulingPass> InTurn(params string[] places) => snapshot => new SchedulingPass(
        [
            .. from place in places
               let parts = place.Split('/')
               from gang in snapshot.Gangs
               where gang.Id == parts[0] && gang.Placement is null
               select new Admission(gang.Id, new Placement([new PodPlacement("worker", 0, parts[1], "gpu")]), false, false),
        ],
        [],
        [.. snapshot.Gangs.Where(gang => !places.Any(place => place.StartsWith(gang.Id, StringComparison.Ordinal))).Select(gang => new Verdict(gang.Id, WaitReason.NoNodeFits, "no room"))]);

    /// <summary>First come, first served on one node; one gang is stopped at a moment for the sake of whoever waits.</summary>
    private static Func<ClusterSnapshot, SchedulingPass> StopOnce(string victim, DateTimeOffset at) => snapshot =>
    {
        var stops = snapshot.Now == at && snapshot.Gangs.Any(gang => gang.Id == victim && gang.Placement is not null && !gang.IsTerminating);
        var isBusy = snapshot.Gangs.Any(gang => gang.Placement is not null);
        var next = snapshot.Gangs.Where(gang => gang.Placement is null).OrderBy(gang => gang.Id == victim ? 0 : 1).FirstOrDefault();
        return new SchedulingPass(
            isBusy || next is null ? [] : [new Admission(next.Id, new Placement([.. Enumerable.Range(0, next.PodSets[0].Count).Select(index => new PodPlacement("worker", index, "node-0", "gpu"))]), false, false)],
            stops ? [new Model.Preemption(victim, "signal", PreemptionCause.Priority, "told to")] : [],
            []);
    };
}
