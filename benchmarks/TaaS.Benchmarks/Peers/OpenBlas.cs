using System.Runtime.InteropServices;

namespace TaaS.Benchmarks.Peers;

/// <summary>OpenBLAS, as Debian's package libopenblas0-pthread brings it.</summary>
internal static unsafe partial class OpenBlas
{
    private const string Name = "libopenblas.so.0";
    private const int RowMajor = 101;
    private const int Straight = 111;
    private const int Turned = 112;

    private static readonly bool IsLoaded = NativeLibrary.TryLoad(Name, out _);

    /// <summary>c = op(a) · op(b), row-major, with the given distances between rows.</summary>
    /// <exception cref="PeerException">The library is not on this machine.</exception>
    internal static void Multiply(bool turnA, bool turnB, int m, int n, int k, float[] a, int aRow, float[] b, int bRow, float[] c)
    {
        Require();
        fixed (float* pa = a, pb = b, pc = c)
        {
            Sgemm(RowMajor, turnA ? Turned : Straight, turnB ? Turned : Straight, m, n, k, 1, pa, aRow, pb, bRow, 0, pc, n);
        }
    }

    /// <summary>Threads of the calls that follow; nothing where the library is missing.</summary>
    internal static void SetThreads(int threads)
    {
        if (IsLoaded)
        {
            SetNumThreads(threads);
        }
    }

    private static void Require()
    {
        if (!IsLoaded)
        {
            throw new PeerException($"{Name} is not on this machine; install the package libopenblas0-pthread");
        }
    }

    [LibraryImport(Name, EntryPoint = "cblas_sgemm")]
    private static partial void Sgemm(int order, int transA, int transB, int m, int n, int k, float alpha, float* a, int lda, float* b, int ldb, float beta, float* c, int ldc);

    [LibraryImport(Name, EntryPoint = "openblas_set_num_threads")]
    private static partial void SetNumThreads(int threads);
}
