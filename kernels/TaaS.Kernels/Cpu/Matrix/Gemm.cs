namespace TaaS.Kernels.Cpu;

/// <summary>
/// Matrix product by packed panels and register tiles (Goto and van de Geijn 2008, doi:10.1145/1356052.1356053;
/// Van Zee and van de Geijn 2015, doi:10.1145/2764454). The left operand is read in place or copied to L2, never reordered;
/// the operands are exchanged where that saves a transposition.
/// </summary>
internal static unsafe class Gemm
{
    /// <summary>Fewest multiply-adds worth a second thread.</summary>
    internal const long ParallelWork = 100_000;

    // A panel packed for one part only must stay in L2 beside the left operand.
    private const int LocalPanelFloats = 32 * 1024;

    // Panels shared by the threads stay within the last cache.
    private const long SharedPanelFloats = 4 * 1024 * 1024;

    private const int ResultBlockColumns = 128;
    private const int DirectColumns = 1024;

    /// <summary>Solves a problem with the given register tiles.</summary>
    internal static void Run(GemmProblem problem, Microkernel kernel)
    {
        if (problem.M == 0 || problem.N == 0)
        {
            return;
        }

        if (CostOfPacking(problem.Transposed()) < CostOfPacking(problem))
        {
            problem = problem.Transposed();
        }

        var widest = kernel.MaxVectors * kernel.Lanes;
        var chunk = Math.Max(SharedPanelFloats / Math.Max(problem.K, 1) / widest, 1) * widest;
        for (var column = 0; column < problem.N; column += (int)Math.Min(chunk, int.MaxValue / 2))
        {
            var part = problem;
            part.N = (int)Math.Min(chunk, problem.N - column);
            part.B += column * problem.BColumn;
            part.C += problem.Turned ? column * problem.CStep : column;
            part.LineBias += problem.LineBias is null || problem.Turned ? 0 : column;
            RunChunk(part, kernel);
        }
    }

    private static long CostOfPacking(in GemmProblem problem)
    {
        long right = (long)problem.K * problem.N * (problem.BColumn == 1 ? 1 : 3);
        long left = problem.AStep == 1 ? 0 : (long)problem.M * problem.K;
        return right + left + (problem.Turned ? 2L * problem.M * problem.N : 0);
    }

    private static void RunChunk(GemmProblem problem, Microkernel kernel)
    {
        var job = new GemmJob(problem, kernel);
        var threads = (long)problem.M * problem.N * problem.K >= ParallelWork ? CpuPool.Threads : 1;
        var rows = (problem.M + Microkernel.BlockRows - 1) / Microkernel.BlockRows;
        var depth = Math.Max(Math.Min(problem.K, Microkernel.BlockK), 1);
        if (rows == 1 && (threads == 1 || job.Cut.Count >= threads * 2))
        {
            // Few rows: each part packs the columns it needs, once.
            var most = Math.Max(LocalPanelFloats / (depth * job.Cut.Width), 1);
            job.Split(1, RoundUp(Math.Max((job.Cut.Count + most - 1) / most, 1), threads));
        }
        else
        {
            var columns = problem.Turned ? ResultBlockColumns : DirectColumns;
            job.Split(RoundUp(rows, threads), (problem.N + columns - 1) / columns);
            job.Shared = Scratch.Floats(ScratchSlot.SharedPanels, (long)problem.K * job.Cut.Width * job.Cut.Count);
            Run(threads, job.PanelGroups, new PackJob(job));
        }

        Run(threads, job.Parts, job);
    }

    private static void Run<TJob>(int threads, int count, TJob job)
        where TJob : struct, IParallelJob
    {
        if (threads > 1)
        {
            CpuPool.Run(count, job);
            return;
        }

        for (var index = 0; index < count; index++)
        {
            job.Execute(index);
        }
    }

    private static int RoundUp(int value, int multiple) => (value + multiple - 1) / multiple * multiple;

    /// <summary>Packs some panels of the shared right operand.</summary>
    private readonly struct PackJob(GemmJob job) : IParallelJob
    {
        public void Execute(int index) => job.PackShared(index);
    }
}
