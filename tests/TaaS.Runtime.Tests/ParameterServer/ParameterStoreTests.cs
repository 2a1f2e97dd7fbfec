using TaaS.Kernels;
using TaaS.Kernels.Reference;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime.Tests.ParameterServer;

/// <summary>What every store promises, in process and over sockets. Lost otherwise: training that learns what it was fed.</summary>
public sealed class ParameterStoreTests
{
    public static TheoryData<bool, int> Stores => new() { { false, 1 }, { false, 3 }, { true, 1 }, { true, 3 } };

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Sync_TwoWorkers_EqualsOneProcessOnTheMeanGradientToTheBit(bool sockets, int servers)
    {
        const int steps = 5;
        using var rig = new StoreRig(servers, new UpdatePolicy(0, 2), sockets, StoreRig.Momentum with { Schedule = "cosine", Warmup = 0.25f });
        var start = rig.RandomState(7);
        var expected = TrainAlone(rig, start, workers: 2, steps);

        var results = await Task.WhenAll(Enumerable.Range(0, 2).Select(worker => Task.Run(() =>
        {
            var at = rig.Join(worker);
            if (worker == 0)
            {
                at.Store.Initialize(start);
            }

            var random = new Random(100 + worker);
            var first = at.Store.Pull()!.Value;
            for (var step = first; step < first + steps; step++)
            {
                at.FillGradients(random);
                at.Exchange(step);
            }

            var values = at.Copy();
            at.Store.Leave();
            return values;
        })));

        Assert.Equal(expected, results[0]);
        Assert.Equal(expected, results[1]);
        Assert.All(rig.Shards, shard => Assert.True(shard.IsAbandoned));
    }

    [Theory]
    [MemberData(nameof(Stores))]
    public async Task Async_ThreeWorkers_AppliesEveryPushOnce(bool sockets, int servers)
    {
        const int steps = 20;
        using var rig = new StoreRig(servers, new UpdatePolicy(-1, 3), sockets, new OptimizerSettings { Name = "sgd", LearningRate = 1 });
        var start = ParameterState.Allocate(StoreRig.Model, 0);

        var workers = Enumerable.Range(0, 3).Select(worker => rig.Join(worker)).ToArray();
        workers[0].Store.Initialize(start);
        await Task.WhenAll(workers.Select((at, worker) => Task.Run(() =>
        {
            at.Store.Pull();
            for (var step = 0; step < steps; step++)
            {
                foreach (var gradient in at.Gradients)
                {
                    gradient.Floats.Fill(worker + 1);
                }

                at.Exchange(step);
            }
        })));

        var state = workers[0].Store.Snapshot(steps)!;
        Assert.Equal(3 * steps, state.Updates);
        // Whole numbers add up exactly in any order.
        Assert.All(state.Parts, parts => Assert.All(parts[0].Floats.ToArray(), value => Assert.Equal(-steps * (1 + 2 + 3), value)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task BoundedStaleness_FastWorker_WaitsForTheSlowest(bool sockets)
    {
        using var rig = new StoreRig(1, new UpdatePolicy(2, 2), sockets);
        var (fast, slow) = (rig.Join(0), rig.Join(1));
        fast.Store.Initialize(rig.RandomState(1));
        fast.Store.Pull();
        slow.Store.Pull();
        fast.Exchange(0);
        fast.Exchange(1);

        var ahead = Task.Run(() => fast.Exchange(2));
        Assert.NotSame(ahead, await Task.WhenAny(ahead, Task.Delay(300)));

        slow.Exchange(0);
        await ahead.WaitAsync(TimeSpan.FromSeconds(10));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Snapshot_RestoredOnAnotherNumberOfServers_GoesOnToTheBit(bool sockets)
    {
        var adam = new OptimizerSettings { Name = "adam", LearningRate = 0.01f };
        ParameterState saved;
        float[][] expected;
        var random = new Random(5);
        using (var rig = new StoreRig(1, new UpdatePolicy(0, 1), sockets, adam))
        {
            var at = rig.Join(0);
            at.Store.Initialize(rig.RandomState(3));
            at.Store.Pull();
            at.FillGradients(random);
            at.Exchange(0);
            saved = at.Store.Snapshot(1)!;
            at.FillGradients(random);
            at.Exchange(1);
            expected = at.Copy();
        }

        using var other = new StoreRig(3, new UpdatePolicy(0, 1), sockets, adam);
        var again = other.Join(0);
        again.Store.Initialize(saved);
        Assert.Equal(1, again.Store.Pull());
        random = new Random(5);
        again.FillGradients(random);
        again.FillGradients(random);
        again.Exchange(1);
        Assert.Equal(expected, again.Copy());
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, -1)]
    [InlineData(true, -1)]
    public async Task Push_DuringBackward_IsAppliedAtOnceAndDeliveredOnlyByComplete(bool sockets, int staleness)
    {
        using var rig = new StoreRig(2, new UpdatePolicy(staleness, 1), sockets);
        using var yardstick = new StoreRig(2, new UpdatePolicy(staleness, 1), sockets);
        var (at, all) = (rig.Join(0), yardstick.Join(0));
        foreach (var worker in new[] { at, all })
        {
            worker.Store.Initialize(rig.RandomState(2));
            worker.Store.Pull();
            worker.FillGradients(new Random(1));
            worker.Exchange(0);
            worker.FillGradients(new Random(2));
        }

        all.Exchange(1);
        var before = at.Copy();
        var last = rig.Layout.Slices.Where(slice => slice.Parameter == StoreRig.Model.Length - 1).ToArray();

        at.Store.Begin(1, at.Gradients);
        at.Store.Push(StoreRig.Model.Length - 1);
        Assert.All(last, slice => Assert.True(SpinWait.SpinUntil(() => rig.Shards[slice.Server].Read(slice.Index, 0, new byte[slice.Length * sizeof(float)]) == 2, TimeSpan.FromSeconds(10))));
        // Long enough for the answer to be here.
        await Task.Delay(100);

        Assert.Equal(before, at.Copy());
        at.Store.Complete();
        Assert.Equal(all.Copy(), at.Copy());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void Push_SentTwice_IsAppliedOnce(int staleness)
    {
        using var rig = new StoreRig(1, new UpdatePolicy(staleness, 1), sockets: false);
        var at = rig.Join(0);
        at.Store.Initialize(rig.RandomState(2));
        at.Store.Pull();
        at.FillGradients(new Random(1));
        at.Exchange(0);
        var once = at.Copy();

        at.Exchange(0);

        Assert.Equal(once, at.Copy());
    }

    [Fact]
    public void Sync_SkippedStep_IsRefused()
    {
        using var rig = new StoreRig(1, new UpdatePolicy(0, 1), sockets: true);
        var at = rig.Join(0);
        at.Store.Initialize(rig.RandomState(2));
        at.Store.Pull();

        var error = Assert.Throws<TrainingException>(() => at.Exchange(4));

        Assert.Contains("step 4", error.Message, StringComparison.Ordinal);
        Assert.Contains("step 0", error.Message, StringComparison.Ordinal);
    }

    private static float[][] TrainAlone(StoreRig rig, ParameterState start, int workers, int steps)
    {
        var values = StoreRig.Memory();
        var velocity = StoreRig.Memory();
        for (var parameter = 0; parameter < values.Length; parameter++)
        {
            start.Parts[parameter][0].Floats.CopyTo(values[parameter].Floats);
        }

        var randoms = Enumerable.Range(0, workers).Select(worker => new Random(100 + worker)).ToArray();
        for (var step = 0; step < steps; step++)
        {
            var gradients = randoms.Select(random => new RigWorker(null!, [], StoreRig.Memory()) is var at && Filled(at, random) ? at.Gradients : []).ToArray();
            for (var parameter = 0; parameter < values.Length; parameter++)
            {
                var mean = gradients[0][parameter];
                for (var index = 0; index < mean.Elements; index++)
                {
                    for (var worker = 1; worker < workers; worker++)
                    {
                        mean.Floats[index] += gradients[worker][parameter].Floats[index];
                    }

                    mean.Floats[index] *= 1f / workers;
                }

                rig.Optimizer.Apply(values[parameter], mean, [velocity[parameter]], step + 1, rig.Optimizer.RateOver(rig.Layout.PlannedUpdates).At(step));
            }
        }

        return [.. values.Select(value => value.Floats.ToArray())];
    }

    private static bool Filled(RigWorker at, Random random)
    {
        at.FillGradients(random);
        return true;
    }
}
