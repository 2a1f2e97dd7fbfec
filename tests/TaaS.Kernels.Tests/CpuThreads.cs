using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests;

/// <summary>Tests that set the number of threads, or count what the pool allocates, run by themselves.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class CpuThreads
{
    internal const string Name = "threads of the CPU device";

    /// <summary>Runs work with that many threads, then sets back what was.</summary>
    internal static void With(int threads, Action work)
    {
        var before = CpuDevice.Threads;
        CpuDevice.Threads = threads;
        try
        {
            work();
        }
        finally
        {
            CpuDevice.Threads = before;
        }
    }
}
