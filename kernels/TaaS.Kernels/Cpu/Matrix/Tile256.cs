using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TaaS.Kernels.Cpu;

/// <summary>The register tile for AVX2 and FMA: 6 rows by 16 columns, 12 accumulators of the 16 registers.</summary>
internal static unsafe class Tile256
{
    private const int MaxRows = 6;
    private const int Lanes = 8;

    // Terms of a turn of the loop: with fewer, counting takes issue slots that the sums could use.
    private const int Turn = 4;

    // How far ahead of the sum the operand that is packed on the way is asked for.
    private const int PrefetchRows = 12;

    /// <summary>
    /// c (+)= Σₖ a[rows[i] + ks[k]] · b[k, j]: <typeparamref name="TRows"/> rows, <typeparamref name="TVectors"/> vectors of columns; b holds its rows one after another.
    /// With <typeparamref name="TTileOrder"/> the left operand is packed, a[i + k·<see cref="MaxRows"/>], and its offsets are not looked at.
    /// By <typeparamref name="TRight"/> the right operand is the packed b, or is read from <paramref name="source"/>, <paramref name="sourceStep"/> floats from row to row, and perhaps packed to b on the way.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Run<TRows, TVectors, TTileOrder, TRight>(float* a, int* rows, int* ks, float* b, nint k, float* c, nint ldc, bool accumulate, float* source, nint sourceStep)
        where TRows : struct, ICount
        where TVectors : struct, ICount
        where TTileOrder : struct, ICount
        where TRight : struct, IRight
    {
        var left = default(Left);
        left.Open<TRows>(a, rows);
        var sums = default(Sums);

        // The result is wanted only after the sum: by then it is in cache.
        Prefetch<TRows>(c, ldc);
        var right = TRight.IsPacked ? b : source;
        var step = TRight.IsPacked ? TVectors.Value * Lanes : sourceStep;
        for (; k >= Turn; k -= Turn)
        {
            nint k0 = TTileOrder.Value == 1 ? 0 : ks[0];
            nint k1 = TTileOrder.Value == 1 ? 0 : ks[1];
            nint k2 = TTileOrder.Value == 1 ? 0 : ks[2];
            nint k3 = TTileOrder.Value == 1 ? 0 : ks[3];
            sums.Add<TRows, TVectors, TTileOrder, TRight>(in left, k0, 0, right, step, b);
            sums.Add<TRows, TVectors, TTileOrder, TRight>(in left, k1, 1, right + step, step, b);
            sums.Add<TRows, TVectors, TTileOrder, TRight>(in left, k2, 2, right + 2 * step, step, b);
            sums.Add<TRows, TVectors, TTileOrder, TRight>(in left, k3, 3, right + 3 * step, step, b);
            left.A0 += TTileOrder.Value == 1 ? Turn * MaxRows : 0;
            ks += TTileOrder.Value == 1 ? 0 : Turn;
            b += Turn * TVectors.Value * Lanes;
            right += Turn * step;
        }

        for (; k > 0; k--)
        {
            nint k0 = TTileOrder.Value == 1 ? 0 : ks[0];
            sums.Add<TRows, TVectors, TTileOrder, TRight>(in left, k0, 0, right, step, b);
            left.A0 += TTileOrder.Value == 1 ? MaxRows : 0;
            ks += TTileOrder.Value == 1 ? 0 : 1;
            b += TVectors.Value * Lanes;
            right += step;
        }

        Store<TVectors>(c, sums.C00, sums.C01, accumulate);

        if (TRows.Value > 1)
        {
            Store<TVectors>(c + ldc, sums.C10, sums.C11, accumulate);
        }

        if (TRows.Value > 2)
        {
            Store<TVectors>(c + 2 * ldc, sums.C20, sums.C21, accumulate);
        }

        if (TRows.Value > 3)
        {
            Store<TVectors>(c + 3 * ldc, sums.C30, sums.C31, accumulate);
        }

        if (TRows.Value > 4)
        {
            Store<TVectors>(c + 4 * ldc, sums.C40, sums.C41, accumulate);
        }

        if (TRows.Value > 5)
        {
            Store<TVectors>(c + 5 * ldc, sums.C50, sums.C51, accumulate);
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
            Sse.Prefetch0(line + 15);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TVectors>(float* c, Vector256<float> v0, Vector256<float> v1, bool accumulate)
        where TVectors : struct, ICount
    {
        if (accumulate)
        {
            v0 += Vector256.Load(c);
            v1 = TVectors.Value > 1 ? v1 + Vector256.Load(c + Lanes) : v1;
        }

        v0.Store(c);
        if (TVectors.Value > 1)
        {
            v1.Store(c + Lanes);
        }
    }

    /// <summary>Where the rows of the left operand begin.</summary>
    private struct Left
    {
        internal float* A0;
        internal float* A1;
        internal float* A2;
        internal float* A3;
        internal float* A4;
        internal float* A5;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Open<TRows>(float* a, int* rows)
            where TRows : struct, ICount
        {
            A0 = a + rows[0];
            A1 = TRows.Value > 1 ? a + rows[1] : a;
            A2 = TRows.Value > 2 ? a + rows[2] : a;
            A3 = TRows.Value > 3 ? a + rows[3] : a;
            A4 = TRows.Value > 4 ? a + rows[4] : a;
            A5 = TRows.Value > 5 ? a + rows[5] : a;
        }
    }

    /// <summary>The accumulators, a vector register each.</summary>
    /// <remarks>The compiler keeps them in registers as long as no expression branches while their address waits on its stack: hence the ifs, and offsets fetched ahead.</remarks>
    private struct Sums
    {
        internal Vector256<float> C00;
        internal Vector256<float> C01;
        internal Vector256<float> C10;
        internal Vector256<float> C11;
        internal Vector256<float> C20;
        internal Vector256<float> C21;
        internal Vector256<float> C30;
        internal Vector256<float> C31;
        internal Vector256<float> C40;
        internal Vector256<float> C41;
        internal Vector256<float> C50;
        internal Vector256<float> C51;

        /// <summary>Adds the product of the <paramref name="term"/>th term of a turn: <paramref name="at"/> is its offset where the left operand is not in tile order, <paramref name="right"/> its row, followed by the next after <paramref name="step"/> floats; <paramref name="packed"/> is where the turn is packed to.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        internal void Add<TRows, TVectors, TTileOrder, TRight>(ref readonly Left left, nint at, int term, float* right, nint step, float* packed)
            where TRows : struct, ICount
            where TVectors : struct, ICount
            where TTileOrder : struct, ICount
            where TRight : struct, IRight
        {
            var b0 = Vector256.Load(right);
            var b1 = TVectors.Value > 1 ? Vector256.Load(right + Lanes) : default;
            if (TRight.IsPackedOnTheWay)
            {
                var row = term * TVectors.Value * Lanes;
                Prefetch(right + PrefetchRows * step);
                b0.Store(packed + row);
                if (TVectors.Value > 1)
                {
                    b1.Store(packed + (row + Lanes));
                }
            }

            var a0 = Vector256.Create(TTileOrder.Value == 1 ? left.A0[term * MaxRows] : left.A0[at]);
            C00 = Vector256.MultiplyAddEstimate(a0, b0, C00);
            if (TVectors.Value > 1)
            {
                C01 = Vector256.MultiplyAddEstimate(a0, b1, C01);
            }

            if (TRows.Value > 1)
            {
                var a1 = Vector256.Create(TTileOrder.Value == 1 ? left.A0[term * MaxRows + 1] : left.A1[at]);
                C10 = Vector256.MultiplyAddEstimate(a1, b0, C10);
                if (TVectors.Value > 1)
                {
                    C11 = Vector256.MultiplyAddEstimate(a1, b1, C11);
                }
            }

            if (TRows.Value > 2)
            {
                var a2 = Vector256.Create(TTileOrder.Value == 1 ? left.A0[term * MaxRows + 2] : left.A2[at]);
                C20 = Vector256.MultiplyAddEstimate(a2, b0, C20);
                if (TVectors.Value > 1)
                {
                    C21 = Vector256.MultiplyAddEstimate(a2, b1, C21);
                }
            }

            if (TRows.Value > 3)
            {
                var a3 = Vector256.Create(TTileOrder.Value == 1 ? left.A0[term * MaxRows + 3] : left.A3[at]);
                C30 = Vector256.MultiplyAddEstimate(a3, b0, C30);
                if (TVectors.Value > 1)
                {
                    C31 = Vector256.MultiplyAddEstimate(a3, b1, C31);
                }
            }

            if (TRows.Value > 4)
            {
                var a4 = Vector256.Create(TTileOrder.Value == 1 ? left.A0[term * MaxRows + 4] : left.A4[at]);
                C40 = Vector256.MultiplyAddEstimate(a4, b0, C40);
                if (TVectors.Value > 1)
                {
                    C41 = Vector256.MultiplyAddEstimate(a4, b1, C41);
                }
            }

            if (TRows.Value > 5)
            {
                var a5 = Vector256.Create(TTileOrder.Value == 1 ? left.A0[term * MaxRows + 5] : left.A5[at]);
                C50 = Vector256.MultiplyAddEstimate(a5, b0, C50);
                if (TVectors.Value > 1)
                {
                    C51 = Vector256.MultiplyAddEstimate(a5, b1, C51);
                }
            }
        }
    }
}
