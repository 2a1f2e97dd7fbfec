using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;

namespace TaaS.Benchmarks.Measure;

/// <summary>What the hardware does at best, measured like any contender and beside them.</summary>
internal static unsafe class Peaks
{
    private const int Accumulators = 12;
    private const int Rounds = 200_000;
    private const int CopyFloats = 16 * 1024 * 1024;

    private static readonly int Lanes = Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector256<float>.Count;

    /// <summary>Multiply-adds that never leave the registers; its work grows with the threads, see <see cref="WorkOf"/>.</summary>
    internal static Contender Arithmetic { get; } = new(Library.Peak, 2.0 * Accumulators * Rounds * Lanes, threads => () => Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, _ => Spin()));

    /// <summary>A plain copy of 16 M floats, 8 bytes for each; every thread copies its share.</summary>
    internal static Contender Copy { get; } = new(Library.Peak, 8.0 * CopyFloats, PrepareCopy);

    /// <summary>Work of a contender's run on that many threads.</summary>
    internal static double WorkOf(Contender contender, int threads) => contender == Arithmetic ? contender.Work * threads : contender.Work;

    private static Action PrepareCopy(int threads)
    {
        float[] from = Inputs.Values(CopyFloats, 1), to = GC.AllocateUninitializedArray<float>(CopyFloats, pinned: true);
        if (threads == 1)
        {
            return () => from.AsSpan().CopyTo(to);
        }

        var share = CopyFloats / threads;
        return () => Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, part => from.AsSpan(part * share, share).CopyTo(to.AsSpan(part * share, share)));
    }

    private static void Spin()
    {
        var sum = Vector512.IsHardwareAccelerated ? Spin512() : Spin256();
        if (float.IsNaN(sum))
        {
            throw new InvalidOperationException("the peak loop lost its numbers");
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Spin256()
    {
        Vector256<float> a = Vector256.Create(0.5f), b = Vector256.Create(0.25f);
        Vector256<float> c0 = a, c1 = b, c2 = a, c3 = b, c4 = a, c5 = b, c6 = a, c7 = b, c8 = a, c9 = b, c10 = a, c11 = b;
        for (var i = 0; i < Rounds; i++)
        {
            c0 = Vector256.MultiplyAddEstimate(c0, a, b);
            c1 = Vector256.MultiplyAddEstimate(c1, a, b);
            c2 = Vector256.MultiplyAddEstimate(c2, a, b);
            c3 = Vector256.MultiplyAddEstimate(c3, a, b);
            c4 = Vector256.MultiplyAddEstimate(c4, a, b);
            c5 = Vector256.MultiplyAddEstimate(c5, a, b);
            c6 = Vector256.MultiplyAddEstimate(c6, a, b);
            c7 = Vector256.MultiplyAddEstimate(c7, a, b);
            c8 = Vector256.MultiplyAddEstimate(c8, a, b);
            c9 = Vector256.MultiplyAddEstimate(c9, a, b);
            c10 = Vector256.MultiplyAddEstimate(c10, a, b);
            c11 = Vector256.MultiplyAddEstimate(c11, a, b);
        }

        return Vector256.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Spin512()
    {
        Vector512<float> a = Vector512.Create(0.5f), b = Vector512.Create(0.25f);
        Vector512<float> c0 = a, c1 = b, c2 = a, c3 = b, c4 = a, c5 = b, c6 = a, c7 = b, c8 = a, c9 = b, c10 = a, c11 = b;
        for (var i = 0; i < Rounds; i++)
        {
            c0 = Vector512.MultiplyAddEstimate(c0, a, b);
            c1 = Vector512.MultiplyAddEstimate(c1, a, b);
            c2 = Vector512.MultiplyAddEstimate(c2, a, b);
            c3 = Vector512.MultiplyAddEstimate(c3, a, b);
            c4 = Vector512.MultiplyAddEstimate(c4, a, b);
            c5 = Vector512.MultiplyAddEstimate(c5, a, b);
            c6 = Vector512.MultiplyAddEstimate(c6, a, b);
            c7 = Vector512.MultiplyAddEstimate(c7, a, b);
            c8 = Vector512.MultiplyAddEstimate(c8, a, b);
            c9 = Vector512.MultiplyAddEstimate(c9, a, b);
            c10 = Vector512.MultiplyAddEstimate(c10, a, b);
            c11 = Vector512.MultiplyAddEstimate(c11, a, b);
        }

        return Vector512.Sum(c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7 + c8 + c9 + c10 + c11);
    }
}
