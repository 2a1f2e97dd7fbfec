using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TaaS.Kernels.Cpu;

/// <summary>The register tile for AVX-512: 8 rows by 48 columns, 24 accumulators of the 32 registers.</summary>
internal static unsafe class Tile512
{
    // How far ahead of the sum the operand that is packed on the way is asked for.
    private const int PrefetchRows = 12;

    /// <summary>
    /// c (+)= Σₖ a[rows[i] + ks[k]] · b[k, j]: <typeparamref name="TRows"/> rows, <typeparamref name="TVectors"/> vectors of columns; b holds its rows one after another.
    /// Where a <paramref name="source"/> is given (<typeparamref name="TPack"/>), b is read from there, <paramref name="sourceStep"/> floats from row to row, and packed on the way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TRows, TVectors, TPack>(float* a, int* rows, int* ks, float* b, nint k, float* c, nint ldc, bool accumulate, float* source, nint sourceStep)
        where TRows : struct, ICount
        where TVectors : struct, ICount
        where TPack : struct, ICount
    {
        var a0 = a + rows[0];
        var a1 = TRows.Value > 1 ? a + rows[1] : a;
        var a2 = TRows.Value > 2 ? a + rows[2] : a;
        var a3 = TRows.Value > 3 ? a + rows[3] : a;
        var a4 = TRows.Value > 4 ? a + rows[4] : a;
        var a5 = TRows.Value > 5 ? a + rows[5] : a;
        var a6 = TRows.Value > 6 ? a + rows[6] : a;
        var a7 = TRows.Value > 7 ? a + rows[7] : a;
        Vector512<float> c00 = default, c01 = default, c02 = default;
        Vector512<float> c10 = default, c11 = default, c12 = default;
        Vector512<float> c20 = default, c21 = default, c22 = default;
        Vector512<float> c30 = default, c31 = default, c32 = default;
        Vector512<float> c40 = default, c41 = default, c42 = default;
        Vector512<float> c50 = default, c51 = default, c52 = default;
        Vector512<float> c60 = default, c61 = default, c62 = default;
        Vector512<float> c70 = default, c71 = default, c72 = default;
        // The result is wanted only after the sum: by then it is in cache.
        Prefetch<TRows>(c, ldc);
        for (var end = ks + k; ks != end; ks++, b += TVectors.Value * Vector512<float>.Count)
        {
            nint o = *ks;
            var right = TPack.Value == 1 ? source : b;
            var b0 = Vector512.Load(right);
            var b1 = TVectors.Value > 1 ? Vector512.Load(right + 1 * Vector512<float>.Count) : default;
            var b2 = TVectors.Value > 2 ? Vector512.Load(right + 2 * Vector512<float>.Count) : default;
            if (TPack.Value == 1)
            {
                Store<TVectors>(b, b0, b1, b2, false);
                Prefetch(source + PrefetchRows * sourceStep);
                source += sourceStep;
            }

            var v0 = Vector512.Create(a0[o]);
            c00 = Vector512.MultiplyAddEstimate(v0, b0, c00);
            c01 = TVectors.Value > 1 ? Vector512.MultiplyAddEstimate(v0, b1, c01) : default;
            c02 = TVectors.Value > 2 ? Vector512.MultiplyAddEstimate(v0, b2, c02) : default;

            if (TRows.Value > 1)
            {
                var v1 = Vector512.Create(a1[o]);
                c10 = Vector512.MultiplyAddEstimate(v1, b0, c10);
                c11 = TVectors.Value > 1 ? Vector512.MultiplyAddEstimate(v1, b1, c11) : default;
                c12 = TVectors.Value > 2 ? Vector512.MultiplyAddEstimate(v1, b2, c12) : default;
            }

            if (TRows.Value > 2)
            {
                var v2 = Vector512.Create(a2[o]);
                c20 = Vector512.MultiplyAddEstimate(v2, b0, c20);
                c21 = TVectors.Value > 1 ? Vector512.MultiplyAddEstimate(v2, b1, c21) : default;
                c22 = TVectors.Value > 2 ? Vector512.MultiplyAddEstimate(v2, b2, c22) : default;
            }

            if (TRows.Value > 3)
            {
                var v3 = Vector512.Create(a3[o]);
                c30 = Vector512.MultiplyAddEstimate(v3, b0, c30);
                c31 = TVectors.Value > 1 ? Vector512.MultiplyAddEstimate(v3, b1, c31) : default;
                c32 = TVectors.Value > 2 ? Vector512.MultiplyAddEstimate(v3, b2, c32) : default;
            }

            if (TRows.Value > 4)
            {
                var v4 = Vector512.Create(a4[o]);
                c40 = Vector512.MultiplyAddEstimate(v4, b0, c40);
                c41 = TVectors.Value > 1 ? Vector512.MultiplyAddEstimate(v4, b1, c41) : default;
                c42 = TVectors.Value > 2 ? Vector512.MultiplyAddEstimate(v4, b2, c42) : default;
            }

            if (TRows.Value > 5)
            {
                var v5 = Vector512.Create(a5[o]);
                c50 = Vector512.MultiplyAddEstimate(v5, b0, c50);
                c51 = TVectors.Value > 1 ? Vector512.MultiplyAddEstimate(v5, b1, c51) : default;
                c52 = TVectors.Value > 2 ? Vector512.MultiplyAddEstimate(v5, b2, c52) : default;
            }

            if (TRows.Value > 6)
            {
                var v6 = Vector512.Create(a6[o]);
                c60 = Vector512.MultiplyAddEstimate(v6, b0, c60);
                c61 = TVectors.Value > 1 ? Vector512.MultiplyAddEstimate(v6, b1, c61) : default;
                c62 = TVectors.Value > 2 ? Vector512.MultiplyAddEstimate(v6, b2, c62) : default;
            }

            if (TRows.Value > 7)
            {
                var v7 = Vector512.Create(a7[o]);
                c70 = Vector512.MultiplyAddEstimate(v7, b0, c70);
                c71 = TVectors.Value > 1 ? Vector512.MultiplyAddEstimate(v7, b1, c71) : default;
                c72 = TVectors.Value > 2 ? Vector512.MultiplyAddEstimate(v7, b2, c72) : default;
            }
        }

        Store<TVectors>(c, c00, c01, c02, accumulate);

        if (TRows.Value > 1)
        {
            Store<TVectors>(c + ldc, c10, c11, c12, accumulate);
        }

        if (TRows.Value > 2)
        {
            Store<TVectors>(c + 2 * ldc, c20, c21, c22, accumulate);
        }

        if (TRows.Value > 3)
        {
            Store<TVectors>(c + 3 * ldc, c30, c31, c32, accumulate);
        }

        if (TRows.Value > 4)
        {
            Store<TVectors>(c + 4 * ldc, c40, c41, c42, accumulate);
        }

        if (TRows.Value > 5)
        {
            Store<TVectors>(c + 5 * ldc, c50, c51, c52, accumulate);
        }

        if (TRows.Value > 6)
        {
            Store<TVectors>(c + 6 * ldc, c60, c61, c62, accumulate);
        }

        if (TRows.Value > 7)
        {
            Store<TVectors>(c + 7 * ldc, c70, c71, c72, accumulate);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch<TRows>(float* c, nint ldc)
        where TRows : struct, ICount
    {
        for (var row = 0; row < TRows.Value; row++)
        {
            Prefetch(c + row * ldc);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Prefetch(float* line)
    {
        if (Sse.IsSupported)
        {
            Sse.Prefetch0(line);
            Sse.Prefetch0(line + 16);
            Sse.Prefetch0(line + 32);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVectors>(float* c, Vector512<float> v0, Vector512<float> v1, Vector512<float> v2, bool accumulate)
        where TVectors : struct, ICount
    {
        if (accumulate)
        {
            v0 += Vector512.Load(c);
            v1 = TVectors.Value > 1 ? v1 + Vector512.Load(c + Vector512<float>.Count) : v1;
            v2 = TVectors.Value > 2 ? v2 + Vector512.Load(c + 2 * Vector512<float>.Count) : v2;
        }

        v0.Store(c);
        if (TVectors.Value > 1)
        {
            v1.Store(c + Vector512<float>.Count);
        }

        if (TVectors.Value > 2)
        {
            v2.Store(c + 2 * Vector512<float>.Count);
        }
    }
}
