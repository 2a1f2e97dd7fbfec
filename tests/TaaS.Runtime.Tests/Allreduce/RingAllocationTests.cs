using TaaS.Runtime.Tests.ParameterServer;

namespace TaaS.Runtime.Tests.Allreduce;

/// <summary>Tests that count what the whole process allocates, so that no other may run beside them.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;

/// <summary>Lost otherwise: steps that stop for the garbage collector.</summary>
[Collection(nameof(Alone))]
public sealed class RingAllocationTests
{
    [Fact]
    public async Task Step_OnceWarm_AllocatesNothingOnAnyThread()
    {
        const int steps = 100;
        using var rig = new RingRig(2);
        var workers = rig.JoinAll();
        await RingRig.RunAsync(workers, (at, worker) => RingParameterStoreTests.Run(at, worker, worker == 0 ? rig.RandomState(1) : null, 20));

        // The least of several runs: a method compiled anew in the middle of one loads types.
        var least = long.MaxValue;
        using var turn = new Barrier(2);
        var other = new Thread(() => Repeat(workers[1], turn, _ => { }));
        other.Start();
        Repeat(workers[0], turn, allocated => least = Math.Min(least, allocated));
        other.Join();

        // Less than the smallest object a step.
        Assert.True(least < 24 * steps, $"{least} bytes in {steps} steps");

        static void Repeat(RigWorker at, Barrier turn, Action<long> report)
        {
            for (var run = 0; run < 8; run++)
            {
                turn.SignalAndWait();
                var before = GC.GetTotalAllocatedBytes(precise: true);
                for (var step = 0; step < steps; step++)
                {
                    at.Exchange(20 + run * steps + step);
                }

                report(GC.GetTotalAllocatedBytes(precise: true) - before);
            }
        }
    }
}
