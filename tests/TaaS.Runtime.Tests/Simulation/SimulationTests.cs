using System.Collections.Concurrent;
using System.Globalization;
using TaaS.Kernels;
using TaaS.Runtime.ParameterServer;
using Xunit.Abstractions;

namespace TaaS.Runtime.Tests.Simulation;

/// <summary>
/// Thousands of simulated trainings over bad networks, with roles killed at any moment, against what each mode promises. A failure names its
/// seed; <c>TAAS_SIMULATION_SEED</c> runs that one alone, <c>TAAS_SIMULATION_SEEDS</c> sets how many are run. Lost otherwise: steps, or trust in what was trained.
/// </summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly OptimizerSettings Momentum = new() { Name = "sgd", LearningRate = 0.1f, Momentum = 0.9f };
    private static readonly OptimizerSettings Sum = new() { Name = "sgd", LearningRate = 1 };

    [Fact]
    public void Sync_AnyKills_EveryUpdateOnceToTheBit()
    {
        var results = Simulate(seed => new SimulatedCluster(seed, new UpdatePolicy(0, 1 + seed % 3), kills: seed % 4, Momentum), cluster =>
        {
            var course = TrainAlone(cluster);
            Assert.All(cluster.Saved, saved => Assert.Equal(course[saved.Step], SimulatedCluster.Flatten(saved)));
            Assert.Equal(SimulatedCluster.TotalSteps, cluster.Disk!.Step);
        });

        Assert.True(results.Sum(run => run.Generations) > 1.2 * results.Count, "training hardly ever went back: the simulation shows nothing");
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(3)]
    public void AsyncAndBoundedStaleness_AnyKills_EveryPushOnceSinceTheLastCheckpoint(int staleness) =>
        Simulate(seed => new SimulatedCluster(seed, new UpdatePolicy(staleness, 1 + seed % 3), kills: seed % 4, Sum), cluster =>
        {
            // Whole numbers add up exactly in any order.
            var expected = SimulatedCluster.Flatten(cluster.LastBeginning);
            var at = 0;
            foreach (var values in SimulatedCluster.Memory())
            {
                var gradient = new float[values.Elements];
                for (var step = cluster.LastBeginning.Step; step < SimulatedCluster.TotalSteps; step++)
                {
                    for (var worker = 0; worker < cluster.Policy.Workers; worker++)
                    {
                        cluster.Gradient(worker, step, ParameterAt(at), values.Floats, gradient);
                        for (var index = 0; index < gradient.Length; index++)
                        {
                            expected[at + index] -= gradient[index];
                        }
                    }
                }

                at += gradient.Length;
            }

            Assert.Equal(SimulatedCluster.TotalSteps, cluster.Disk!.Step);
            Assert.Equal(expected, SimulatedCluster.Flatten(cluster.Disk));

            int ParameterAt(int offset) => offset == 0 ? 0 : offset == 5 ? 1 : 2;
        });

    [Fact]
    public void BackupWorkers_AnyKills_EveryStepIsOneUpdate() =>
        Simulate(seed => new SimulatedCluster(seed, new UpdatePolicy(0, 3) { BackupWorkers = 1 + seed % 2 }, kills: seed % 4, Momentum), AssertOneUpdateAStep);

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(2)]
    public void Elastic_WorkersJoinAndLeave_TrainingEnds(int staleness) =>
        Simulate(
            seed =>
            {
                var cluster = new SimulatedCluster(seed, new UpdatePolicy(staleness, 2) { MinWorkers = 1, MaxWorkers = 4 }, kills: seed % 3, Sum);
                cluster.JoinLater(2);
                cluster.JoinLater(3);
                return cluster;
            },
            cluster =>
            {
                if (staleness == 0)
                {
                    AssertOneUpdateAStep(cluster);
                }
            });

    private static void AssertOneUpdateAStep(SimulatedCluster cluster) =>
        Assert.Equal((SimulatedCluster.TotalSteps, SimulatedCluster.TotalSteps), (cluster.Disk!.Step, cluster.Disk.Updates));

    // What one process makes of the mean gradients: parameters and slots before each step.
    private static Dictionary<long, float[]> TrainAlone(SimulatedCluster cluster)
    {
        var values = SimulatedCluster.Memory();
        var velocity = SimulatedCluster.Memory();
        for (var parameter = 0; parameter < values.Length; parameter++)
        {
            cluster.Start.Parts[parameter][0].Floats.CopyTo(values[parameter].Floats);
        }

        var course = new Dictionary<long, float[]> { [0] = Flat() };
        for (var step = 0; step < SimulatedCluster.TotalSteps; step++)
        {
            for (var parameter = 0; parameter < values.Length; parameter++)
            {
                var mean = SimulatedCluster.Memory()[parameter];
                var gradient = SimulatedCluster.Memory()[parameter].Floats;
                for (var worker = 0; worker < cluster.Policy.Workers; worker++)
                {
                    cluster.Gradient(worker, step, parameter, values[parameter].Floats, gradient);
                    for (var index = 0; index < gradient.Length; index++)
                    {
                        mean.Floats[index] = worker == 0 ? gradient[index] : mean.Floats[index] + gradient[index];
                    }
                }

                for (var index = 0; cluster.Policy.Workers > 1 && index < gradient.Length; index++)
                {
                    mean.Floats[index] *= 1f / cluster.Policy.Workers;
                }

                cluster.Optimizer.Apply(values[parameter], mean, [velocity[parameter]], step + 1, cluster.Optimizer.RateOver(cluster.Layout.PlannedUpdates).At(step));
            }

            course[step + 1] = Flat();
        }

        return course;

        float[] Flat() => [.. values.Zip(velocity).SelectMany(pair => pair.First.Floats.ToArray().Concat(pair.Second.Floats.ToArray()))];
    }

    private ConcurrentBag<SimulatedCluster> Simulate(Func<int, SimulatedCluster> make, Action<SimulatedCluster> check)
    {
        var only = Environment.GetEnvironmentVariable("TAAS_SIMULATION_SEED");
        var seeds = int.Parse(Environment.GetEnvironmentVariable("TAAS_SIMULATION_SEEDS") ?? "1000", CultureInfo.InvariantCulture);
        var first = only is null ? 0 : int.Parse(only, CultureInfo.InvariantCulture);
        var runs = new ConcurrentBag<SimulatedCluster>();
        // Without a bound it takes every thread of the pool, and tests beside it wait for one past their time limits.
        var cores = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.For(first, only is null ? seeds : first + 1, cores, seed =>
        {
            try
            {
                var cluster = make(seed);
                cluster.Run();
                check(cluster);
                runs.Add(cluster);
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed}: {error.Message}", error);
            }
        });
        output.WriteLine($"{runs.Count} trainings, {runs.Sum(run => run.Kills)} kills, {runs.Sum(run => run.Generations - 1)} times back to a checkpoint");
        return runs;
    }
}
