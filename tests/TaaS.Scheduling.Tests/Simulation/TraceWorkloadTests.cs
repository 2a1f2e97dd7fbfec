using TaaS.Jobs;
using TaaS.Jobs.Traces;
using TaaS.Scheduling.Simulation;

namespace TaaS.Scheduling.Tests.Simulation;

/// <summary>What a trace stands for. Lost otherwise: a simulation of another cluster than the one the admin wrote down.</summary>
public sealed class TraceWorkloadTests
{
    private static readonly TraceJobShape Shape = new() { Queue = "a", Replicas = new Dictionary<string, ReplicaSpec> { ["worker"] = new() { Count = 2 }, ["ps"] = new() } };

    private static SimulationTrace Trace(SyntheticWorkload? workload) => new()
    {
        Name = "trace",
        Nodes = [new TraceNodes { Name = "gpu", Count = 5, RackLabel = "rack", RackSize = 2, Labels = new Dictionary<string, string> { ["kind"] = "gpu" } }],
        Queues = [new Queue("a", new QueueSpec { AllowedUsers = ["alice"] })],
        Workload = workload,
    };

    [Fact]
    public void GroupOfNodes_BecomesNodesInRacks()
    {
        var nodes = TraceWorkload.Of(Trace(new SyntheticWorkload { Jobs = 1, ArrivalsPerHour = 1, Mix = [Mix()] })).Nodes;

        Assert.Equal(["gpu-0", "gpu-1", "gpu-2", "gpu-3", "gpu-4"], nodes.Select(node => node.Name));
        Assert.Equal(["gpu-0", "gpu-0", "gpu-1", "gpu-1", "gpu-2"], nodes.Select(node => node.Labels["rack"]));
        Assert.All(nodes, node => Assert.Equal("gpu", node.Labels["kind"]));
        Assert.All(nodes, node => Assert.Equal(110, node.Allocatable["pods"]));
    }

    [Fact]
    public void MadeUpJobs_AreTheSameForTheSameSeed_AndOthersForAnother()
    {
        var workload = new SyntheticWorkload { Seed = 7, Jobs = 50, ArrivalsPerHour = 10, Mix = [Mix()] };

        var (once, again, other) = (Jobs(workload), Jobs(workload), Jobs(workload with { Seed = 8 }));

        Assert.Equal(once.Select(job => (job.Gang.SubmittedAt, job.RunTime, job.DeclaredRunTime)), again.Select(job => (job.Gang.SubmittedAt, job.RunTime, job.DeclaredRunTime)));
        Assert.NotEqual(once.Select(job => job.RunTime), other.Select(job => job.RunTime));
    }

    [Fact]
    public void MadeUpJobs_ArriveAndRunAsTheirDistributionsSay()
    {
        var jobs = Jobs(new SyntheticWorkload { Jobs = 4000, ArrivalsPerHour = 20, Mix = [Mix()] });

        Assert.InRange((jobs[^1].Gang.SubmittedAt - Workload.Start).TotalHours, 4000 / 20 * 0.9, 4000 / 20 * 1.1);
        var times = jobs.Select(job => job.RunTime.TotalMinutes).Order().ToArray();
        Assert.InRange(times[2000], 30 * 0.9, 30 * 1.1);
        // A log-normal's quantile at one standard deviation is its median times e^sigma.
        Assert.InRange(times[(int)(4000 * 0.8413)], 30 * Math.E * 0.85, 30 * Math.E * 1.15);
        Assert.True(times[^1] <= 600);
        Assert.All(jobs, job => Assert.InRange(job.DeclaredRunTime!.Value / job.RunTime, 1, 3 + 1e-3));
    }

    [Fact]
    public void Bursts_LeaveTheSecondHalfOfEachHourQuiet()
    {
        var jobs = Jobs(new SyntheticWorkload { Jobs = 1000, ArrivalsPerHour = 20, Arrivals = ArrivalProcess.Bursts, Mix = [Mix()] });

        Assert.All(jobs, job => Assert.InRange((job.Gang.SubmittedAt - Workload.Start).TotalMinutes % 60, 0, 30.1));
        Assert.InRange((jobs[^1].Gang.SubmittedAt - Workload.Start).TotalHours, 1000 / 20 * 0.85, 1000 / 20 * 1.15);
    }

    [Fact]
    public void Mix_IsDrawnByWeight()
    {
        var rare = Mix() with { Name = "rare", Weight = 1 };
        var jobs = Jobs(new SyntheticWorkload { Jobs = 4000, ArrivalsPerHour = 20, Mix = [Mix() with { Weight = 9 }, rare] });

        Assert.InRange(jobs.Count(job => job.Gang.Name.StartsWith("rare-", StringComparison.Ordinal)), 330, 470);
    }

    /// <summary>A trace says nothing of users: a queue that only some may use takes its jobs all the same.</summary>
    [Fact]
    public void AllowedUsers_AreNotSimulated() =>
        Assert.Empty(TraceWorkload.Of(Trace(new SyntheticWorkload { Jobs = 1, ArrivalsPerHour = 1, Mix = [Mix()] })).Queues[0].Spec.AllowedUsers);

    private static JobMix Mix() => new("small", 1, Shape, TimeSpan.FromMinutes(30), 1, TimeSpan.FromHours(10), 3);

    private static IReadOnlyList<SimulatedJob> Jobs(SyntheticWorkload workload) => TraceWorkload.Of(Trace(workload)).Jobs;
}
