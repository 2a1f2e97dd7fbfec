using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace TaaS.Kernels.Cpu;

/// <summary>Turns blocks of rows into columns.</summary>
internal static unsafe class Transposition
{
    private const int Block = 8;

    /// <summary>to[j, i] (+)= from[i, j] for every row i and column j of <paramref name="from"/>; the steps are those of the rows on either side.</summary>
    internal static void Run(float* from, nint fromStep, float* to, nint toStep, int rows, int columns, bool accumulate)
    {
        if (!Avx.IsSupported || rows < Block || columns < Block)
        {
            RunScalar(from, fromStep, to, toStep, rows, columns, accumulate);
            return;
        }

        var fullRows = rows / Block * Block;
        var fullColumns = columns / Block * Block;
        for (var i = 0; i < fullRows; i += Block)
        {
            for (var j = 0; j < fullColumns; j += Block)
            {
                RunBlock(from + i * fromStep + j, fromStep, to + j * toStep + i, toStep, accumulate);
            }
        }

        if (accumulate)
        {
            RunScalar(from + fullRows * fromStep, fromStep, to + fullRows, toStep, rows - fullRows, columns, true);
            RunScalar(from + fullColumns, fromStep, to + fullColumns * toStep, toStep, fullRows, columns - fullColumns, true);
            return;
        }

        // Blocks that overlap the ones before write the same values once more.
        if (fullRows != rows)
        {
            for (var j = 0; j < fullColumns; j += Block)
            {
                RunBlock(from + (rows - Block) * fromStep + j, fromStep, to + j * toStep + rows - Block, toStep, false);
            }
        }

        if (fullColumns != columns)
        {
            var j = columns - Block;
            for (var i = 0; i < fullRows; i += Block)
            {
                RunBlock(from + i * fromStep + j, fromStep, to + j * toStep + i, toStep, false);
            }

            RunBlock(from + (rows - Block) * fromStep + j, fromStep, to + j * toStep + rows - Block, toStep, false);
        }
    }

    /// <summary>
    /// to[j·step + i] = from[i, j] for up to 8 rows i and all columns j. Writes whole vectors: floats between <paramref name="rows"/> and 8 of a step,
    /// also past the last, are overwritten by the next step or hold no value.
    /// </summary>
    internal static void Interleave(float* from, nint fromStep, int rows, int columns, float* to, int step)
    {
        var column = 0;
        if (Avx.IsSupported)
        {
            // Rows that do not exist repeat the last one.
            nint r1 = Math.Min(1, rows - 1) * fromStep, r2 = Math.Min(2, rows - 1) * fromStep, r3 = Math.Min(3, rows - 1) * fromStep, r4 = Math.Min(4, rows - 1) * fromStep;
            nint r5 = Math.Min(5, rows - 1) * fromStep, r6 = Math.Min(6, rows - 1) * fromStep, r7 = Math.Min(7, rows - 1) * fromStep;
            for (; column <= columns - 4; column += 4, to += 4 * step)
            {
                var source = from + column;
                StoreHalf(Pair(source, source + r4), Pair(source + r1, source + r5), Pair(source + r2, source + r6), Pair(source + r3, source + r7), to, step, false);
            }
        }

        for (; column < columns; column++, to += step)
        {
            for (var row = 0; row < rows; row++)
            {
                to[row] = from[row * fromStep + column];
            }
        }
    }

    private static void RunScalar(float* from, nint fromStep, float* to, nint toStep, int rows, int columns, bool accumulate)
    {
        for (var j = 0; j < columns; j++)
        {
            var target = to + j * toStep;
            for (var i = 0; i < rows; i++)
            {
                var value = from[i * fromStep + j];
                target[i] = accumulate ? target[i] + value : value;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void RunBlock(float* from, nint fromStep, float* to, nint toStep, bool accumulate)
    {
        // Rows i and i+4 share a register, a half each, so the halves need no exchange later.
        var r0 = Pair(from, from + 4 * fromStep);
        var r1 = Pair(from + fromStep, from + 5 * fromStep);
        var r2 = Pair(from + 2 * fromStep, from + 6 * fromStep);
        var r3 = Pair(from + 3 * fromStep, from + 7 * fromStep);
        StoreHalf(r0, r1, r2, r3, to, toStep, accumulate);
        from += 4;
        to += 4 * toStep;
        r0 = Pair(from, from + 4 * fromStep);
        r1 = Pair(from + fromStep, from + 5 * fromStep);
        r2 = Pair(from + 2 * fromStep, from + 6 * fromStep);
        r3 = Pair(from + 3 * fromStep, from + 7 * fromStep);
        StoreHalf(r0, r1, r2, r3, to, toStep, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> Pair(float* low, float* high) =>
        Avx.InsertVector128(Vector128.Load(low).ToVector256Unsafe(), Vector128.Load(high), 1);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreHalf(Vector256<float> r0, Vector256<float> r1, Vector256<float> r2, Vector256<float> r3, float* to, nint toStep, bool accumulate)
    {
        var low01 = Avx.UnpackLow(r0, r1);
        var high01 = Avx.UnpackHigh(r0, r1);
        var low23 = Avx.UnpackLow(r2, r3);
        var high23 = Avx.UnpackHigh(r2, r3);
        StoreRow(Avx.Shuffle(low01, low23, 0x44), to, accumulate);
        StoreRow(Avx.Shuffle(low01, low23, 0xEE), to + toStep, accumulate);
        StoreRow(Avx.Shuffle(high01, high23, 0x44), to + 2 * toStep, accumulate);
        StoreRow(Avx.Shuffle(high01, high23, 0xEE), to + 3 * toStep, accumulate);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void StoreRow(Vector256<float> value, float* to, bool accumulate) =>
        (accumulate ? value + Vector256.Load(to) : value).Store(to);
}
