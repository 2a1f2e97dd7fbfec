using CsCheck;
using TaaS.Scheduling.Simulation;

namespace TaaS.Scheduling.Tests.Simulation;

/// <summary>What holds of every workload. Lost otherwise: jobs that vanish from the figures, and runs that cannot be compared.</summary>
public sealed class SimulatorPropertyTests
{
    private static readonly Gen<SimulatedJob> AnyJob =
        from at in Gen.Int[0, 300]
        from minutes in Gen.Int[1, 120]
        from pods in Gen.Int[1, 10]
        from gpus in Gen.Int[1, 4]
        from queue in Gen.Int[0, 2].Select(index => new[] { "a", "b", "c" }[index])
        from priority in Gen.Int[0, 2]
        from factor in Gen.Double[0.5, 3]
        select Workloads.Job("", at, minutes, pods, gpus, queue, priority, declared: Math.Max(1, minutes * factor));

    private static readonly Gen<Workload> AnyWorkload =
        from nodes in Gen.Int[1, 4]
        from jobs in AnyJob.Array[1, 25]
        select Workloads.Of(nodes, [.. jobs.Select((job, index) => job with { Gang = job.Gang with { Id = $"job-{index}", Name = $"job-{index}" } })]);

    private static readonly Gen<string> AnyPolicy = Gen.Int[0, SimulationPolicy.Defaults.Count - 1].Select(index => SimulationPolicy.Defaults[index]);

    [Fact]
    public void EveryJobEndsOnce_AndNothingIsUsedThatIsNotThere() => Gen.Select(AnyWorkload, AnyPolicy).Sample(
        (workload, policy) =>
        {
            var result = workload.Run(policy);

            Assert.Equal(workload.Jobs.Count, result.Finished + result.Refused.Count);
            Assert.Empty(result.Stuck);
            Assert.InRange(result.GpuUtilisation, 0, 1);
            Assert.InRange(result.Fragmentation, 0, 1);
            Assert.InRange(result.Fairness, 0, 1 + 1e-9);
            Assert.All(result.Use, point => Assert.InRange(point.Gpu, 0, 1));
            Assert.True(result.WaitSeconds.Mean >= 0 && result.WaitSeconds.Median <= result.WaitSeconds.P95 && result.WaitSeconds.P95 <= result.WaitSeconds.Max);
            Assert.Equal(workload.Jobs.Count, result.Queues.Sum(queue => queue.Jobs));
        },
        iter: 100);

    /// <summary>Work is conserved: what was held is what jobs needed, what was done twice, and what stopped pods held until they were gone.</summary>
    [Fact]
    public void WhatIsHeld_IsWhatJobsNeeded() => Gen.Select(AnyWorkload, AnyPolicy).Sample(
        (workload, policy) =>
        {
            var result = workload.Run(policy);

            var needed = workload.Jobs
                .Where(job => !result.Refused.ContainsKey(job.Gang.Name))
                .Sum(job => job.RunTime.TotalHours * job.Gang.PodSets[0].Count * job.Gang.PodSets[0].Requests[Workloads.Gpu]);
            var held = result.GpuUtilisation * workload.Nodes.Count * 8 * result.Makespan.TotalHours;
            var slack = result.Preemptions * workload.TerminationTime.TotalHours * workload.Nodes.Count * 8;
            Assert.InRange(held, needed + result.WorkLostHours - 1e-6, needed + result.WorkLostHours + slack + 1e-6);
        },
        iter: 100);

    [Fact]
    public void SameWorkload_GivesTheSameFigures_InWhateverOrderItComes() => Gen.Select(AnyWorkload, AnyPolicy).Sample(
        (workload, policy) =>
        {
            var (once, again) = (workload.Run(policy), workload.Run(policy));
            var turned = (workload with { Nodes = [.. workload.Nodes.Reverse()], Jobs = [.. workload.Jobs.Reverse()], Queues = [.. workload.Queues.Reverse()] }).Run(policy);

            Assert.Equal(once.Use, again.Use);
            Assert.Equal((once.WaitSeconds, once.HeadDelaySeconds, once.GpuUtilisation), (again.WaitSeconds, again.HeadDelaySeconds, again.GpuUtilisation));
            Assert.Equal((once.WaitSeconds.Max, once.Makespan, once.Preemptions), (turned.WaitSeconds.Max, turned.Makespan, turned.Preemptions));
        },
        iter: 40);
}
