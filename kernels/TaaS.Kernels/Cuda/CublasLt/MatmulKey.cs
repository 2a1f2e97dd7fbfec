using System.Numerics;

namespace TaaS.Kernels.Cuda;

/// <summary>What an algorithm is chosen for: the problem, and how well its operands are aligned.</summary>
internal readonly record struct MatmulKey(MatmulProblem Problem, int AlignmentA, int AlignmentB, int AlignmentC, int AlignmentBias)
{
    // The library's own assumption, and the alignment of fresh memory.
    private const int Best = 256;

    internal static MatmulKey Of(in MatmulProblem problem, nint a, nint b, nint c, nint bias) =>
        new(problem, AlignmentOf(a), AlignmentOf(b), AlignmentOf(c), problem.HasBias ? AlignmentOf(bias) : Best);

    /// <summary>Largest power of two, up to 256, that divides the address.</summary>
    internal static int AlignmentOf(nint address) => Math.Min(Best, 1 << Math.Min(BitOperations.TrailingZeroCount(address), 30));
}
