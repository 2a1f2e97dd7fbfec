using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests;

[Collection(CpuThreads.Name)]
public sealed class CpuPoolTests
{
    [Fact]
    public void Run_ManyJobs_EveryPartOnce()
    {
        for (var round = 0; round < 2000; round++)
        {
            var hits = new int[1 + round % 37];
            CpuPool.Run(hits.Length, new Count(hits));
            Assert.All(hits, hit => Assert.Equal(1, hit));
        }
    }

    [Fact]
    public void Run_TwoCallersAtOnce_EveryPartOnce()
    {
        Parallel.For(0, 4, _ => Run_ManyJobs_EveryPartOnce());
    }

    [Fact]
    public void Run_JobInsideJob_RunsInline()
    {
        var hits = new int[64];
        CpuPool.Run(8, new Nested(hits));
        Assert.All(hits, hit => Assert.Equal(1, hit));
    }

    [Fact]
    public void Run_PartThrows_CallerSeesItAndPoolStillWorks()
    {
        var error = Assert.Throws<InvalidOperationException>(() => CpuPool.Run(16, new Throwing()));
        Assert.Equal("part 5", error.Message);
        Run_ManyJobs_EveryPartOnce();
    }

    [Fact]
    public void Run_SteadyState_AllocatesNothing()
    {
        var hits = new int[8];
        Assert.Equal(0, SteadyState.AllocatedBytes(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                CpuPool.Run(8, new Count(hits));
            }
        }));
    }

    private readonly struct Count(int[] hits) : IParallelJob
    {
        public void Execute(int index) => Interlocked.Increment(ref hits[index]);
    }

    private readonly struct Nested(int[] hits) : IParallelJob
    {
        public void Execute(int index) => CpuPool.Run(8, new Offset(hits, index * 8));
    }

    private readonly struct Offset(int[] hits, int start) : IParallelJob
    {
        public void Execute(int index) => Interlocked.Increment(ref hits[start + index]);
    }

    private readonly struct Throwing : IParallelJob
    {
        public void Execute(int index)
        {
            if (index == 5)
            {
                throw new InvalidOperationException("part 5");
            }
        }
    }
}
