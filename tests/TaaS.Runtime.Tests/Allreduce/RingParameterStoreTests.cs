using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Reference;
using TaaS.Runtime.Allreduce;
using TaaS.Runtime.ParameterServer;
using TaaS.Runtime.Tests.ParameterServer;

namespace TaaS.Runtime.Tests.Allreduce;

/// <summary>What the ring promises, over real sockets. Lost otherwise: workers that learn different things, or not what they were fed.</summary>
public sealed class RingParameterStoreTests
{
    [Fact]
    public async Task Exchange_OfAnyModelAndNumberOfWorkers_IsTheMeanGradientToTheBitEverywhere()
    {
        for (var seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            var workers = new[] { 1, 2, 3, 5 }[seed % 4];
            var model = Enumerable.Range(0, random.Next(1, 7)).Select(index => new ParameterInfo($"p{index}", [random.Next(3) switch { 0 => 1, 1 => random.Next(1, 9), _ => random.Next(1, 3000) }])).ToArray();
            var optimizer = new[] { StoreRig.Momentum with { Schedule = "linear", Warmup = 0.25f }, new OptimizerSettings { Name = "adam", LearningRate = 0.01f, WeightDecay = 0.1f }, new OptimizerSettings { Name = "sgd", LearningRate = 0.1f } }[random.Next(3)];
            using var rig = new RingRig(workers, model, optimizer, tcp: seed % 3 == 0, chunkElements: random.Next(64, 300));
            var start = rig.RandomState(seed);

            var results = await RingRig.RunAsync(rig.JoinAll(), (at, worker) =>
            {
                if (worker == 0)
                {
                    at.Store.Initialize(start);
                }

                Assert.Equal(0, at.Store.Pull());
                var values = RingRig.Train(at, worker, 0, 5, seed);
                Assert.True(at.Store.Finish());
                return values;
            });

            var expected = TrainAlone(rig, start, 5, seed);
            Assert.All(results, values => Assert.Equal(expected, values));
        }
    }

    [Fact]
    public async Task TwoWorkers_GetTheBitsOfSyncWithAServer()
    {
        var adam = new OptimizerSettings { Name = "adam", LearningRate = 0.01f, Schedule = "cosine" };
        using var ring = new RingRig(2, optimizer: adam);
        var server = new ParameterShard(CpuDevice.Instance, adam, new UpdatePolicy(0, 2), 0);
        var start = ring.RandomState(3);

        var expected = await RingRig.RunAsync([Join(0), Join(1)], (at, worker) => Run(at, worker, start, 6));
        var actual = await RingRig.RunAsync(ring.JoinAll(), (at, worker) => Run(at, worker, start, 6));

        Assert.Equal(expected[0], actual[0]);
        Assert.Equal(expected[0], actual[1]);

        RigWorker Join(int worker)
        {
            var values = ring.Memory();
            return new RigWorker(new InProcessParameterStore([server], worker, ring.Layout, values, StoreRig.Quick.Barrier), values, ring.Memory());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public async Task Snapshot_InTheMiddle_ResumedOnAnotherNumberOfWorkersToo_GoesOnToTheBit(int workers)
    {
        var adam = new OptimizerSettings { Name = "adam", LearningRate = 0.01f };
        using var whole = new RingRig(workers, optimizer: adam);
        using var again = new RingRig(workers, optimizer: adam);
        ParameterState? saved = null;
        var expected = await RingRig.RunAsync(whole.JoinAll(), (at, worker) =>
        {
            Run(at, worker, worker == 0 ? whole.RandomState(1) : null, 4);
            if (worker == 0)
            {
                saved = at.Store.Snapshot(4);
            }

            var values = RingRig.Train(at, worker, 4, 8);
            at.Store.Finish();
            return values;
        });
        Assert.Equal((4, 4), (saved!.Step, saved.Updates));

        var resumed = await RingRig.RunAsync(again.JoinAll(), (at, worker) =>
        {
            if (worker == 0)
            {
                at.Store.Initialize(saved);
            }

            Assert.Equal(4, at.Store.Pull());
            return RingRig.Train(at, worker, 4, 8);
        });
        Assert.All(resumed, values => Assert.Equal(expected[0], values));

        // One worker alone holds the same state: nothing of it depends on who owned what.
        using var alone = new RingRig(1, optimizer: adam);
        var one = alone.Join(0);
        one.Store.Initialize(saved);
        one.Store.Pull();
        var copy = one.Store.Snapshot(4)!;
        Assert.Equal(saved.Parts.SelectMany(parts => parts).SelectMany(part => part.Floats.ToArray()), copy.Parts.SelectMany(parts => parts).SelectMany(part => part.Floats.ToArray()));
    }

    [Fact]
    public async Task Model_IsLeftAloneUntilComplete()
    {
        using var rig = new RingRig(2);
        var workers = rig.JoinAll();
        await RingRig.RunAsync(workers, (at, worker) => Run(at, worker, worker == 0 ? rig.RandomState(1) : null, 1));
        var before = workers[0].Copy();
        foreach (var at in workers)
        {
            at.FillGradients(new Random(5));
            at.Store.Begin(1, at.Gradients);
            at.Store.Push(StoreRig.Model.Length - 1);
            at.Store.Push(StoreRig.Model.Length - 2);
        }

        // Long enough for fresh values to be here.
        await Task.Delay(200);
        Assert.Equal(before, workers[0].Copy());

        await RingRig.RunAsync(workers, (at, _) => at.Store.Complete());
        Assert.NotEqual(before, workers[0].Copy());
        Assert.Equal(workers[0].Copy(), workers[1].Copy());
    }

    [Fact]
    public async Task Workers_ToldToStopAtDifferentSteps_AllLeaveAndTheChiefSaves()
    {
        using var rig = new RingRig(3);
        var saved = await RingRig.RunAsync(rig.JoinAll(), (at, worker) =>
        {
            // Worker 1 leaves first; the others go on without its gradients.
            Run(at, worker, worker == 0 ? rig.RandomState(1) : null, worker switch { 0 => 7, 1 => 3, _ => 6 });
            var state = worker == 0 ? at.Store.Snapshot(7) : null;
            at.Store.Leave();
            return state;
        });

        Assert.Equal(7, saved[0]!.Updates);
        var expected = TrainAlone(rig, rig.RandomState(1), 7, contributes: (worker, step) => worker switch { 1 => step < 3, 2 => step < 6, _ => true });
        Assert.Equal(expected, saved[0]!.Parts.Select(parts => parts[0].Floats.ToArray()));
    }

    [Fact]
    public async Task Step_OutOfTurn_IsRefused()
    {
        using var rig = new RingRig(2);
        await RingRig.RunAsync(rig.JoinAll(), (at, worker) =>
        {
            Run(at, worker, worker == 0 ? rig.RandomState(1) : null, 2);
            var error = Assert.Throws<TrainingException>(() => at.Exchange(4));
            Assert.Contains("begins step 4 while the ring is at step 2", error.Message, StringComparison.Ordinal);
            at.Store.Leave();
            return true;
        });
    }

    internal static float[][] Run(RigWorker at, int worker, ParameterState? start, long steps)
    {
        if (worker == 0)
        {
            at.Store.Initialize(start!);
        }

        return RingRig.Train(at, worker, at.Store.Pull()!.Value, steps);
    }

    // The sum of a chunk begins at the worker after its owner, and goes round.
    private static float[][] TrainAlone(RingRig rig, ParameterState start, int steps, int seed = 0, Func<int, long, bool>? contributes = null)
    {
        var layout = new RingLayout(rig.Model, rig.Workers, rig.ChunkElements);
        View[] Memory() => [.. rig.Model.Select(parameter => new View(ReferenceDevice.Instance.Allocate(DType.Float32, parameter.Elements, zeroed: true), new Shape([.. parameter.Shape])))];
        var values = rig.Memory();
        var slots = rig.Optimizer.Slots.Select(_ => rig.Memory()).ToArray();
        for (var parameter = 0; parameter < values.Length; parameter++)
        {
            start.Parts[parameter][0].Floats.CopyTo(values[parameter].Floats);
        }

        for (var step = 0L; step < steps; step++)
        {
            var present = Enumerable.Range(0, rig.Workers).Where(worker => contributes?.Invoke(worker, step) ?? true).ToArray();
            var gradients = Enumerable.Range(0, rig.Workers).Select(worker =>
            {
                var at = new RigWorker(null!, [], Memory());
                at.FillGradients(new Random(seed + 1000 * worker + (int)step));
                return at.Gradients;
            }).ToArray();
            var mean = rig.Memory();
            foreach (var bucket in layout.Buckets)
            {
                for (var owner = 0; owner < rig.Workers; owner++)
                {
                    var order = Enumerable.Range(1, rig.Workers).Select(places => (owner + places) % rig.Workers).Where(present.Contains).ToArray();
                    foreach (var segment in bucket.Chunks[owner].Segments)
                    {
                        for (var index = segment.Offset; index < segment.Offset + segment.Length; index++)
                        {
                            var sum = gradients[order[0]][segment.Parameter].Floats[index];
                            foreach (var worker in order.Skip(1))
                            {
                                sum += gradients[worker][segment.Parameter].Floats[index];
                            }

                            mean[segment.Parameter].Floats[index] = sum * (1f / order.Length);
                        }
                    }
                }
            }

            for (var parameter = 0; parameter < values.Length; parameter++)
            {
                rig.Optimizer.Apply(values[parameter], mean[parameter], [.. slots.Select(slot => slot[parameter])], step + 1, rig.Optimizer.RateOver(rig.Layout.PlannedUpdates).At(step));
            }
        }

        return [.. values.Select(value => value.Floats.ToArray())];
    }
}
