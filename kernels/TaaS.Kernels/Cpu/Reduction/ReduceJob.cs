using System.Numerics;
using System.Runtime.CompilerServices;

namespace TaaS.Kernels.Cpu;

/// <summary>
/// A reduction over any axes of a strided input. If the densest axis is reduced, each result is a sum of rows; if it is kept, rows are added
/// to a run of results at once. Few results over many elements are cut along the reduced axes too: every cut depends on the shapes alone,
/// so the bits do not depend on threads.
/// </summary>
internal unsafe struct ReduceJob : IParallelJob
{
    // Results a part of the second kind keeps in the first cache.
    private const int Tile = 256;

    // Rows added in single precision before they go into the double-precision sums.
    private const int RowsPerBlock = 32;

    private const long Grain = 32 * 1024;
    private const int MaxCuts = 16;
    private const int MaxPartials = 2048;

    // Operand 0 is y, with step 0 along reduced axes; operand 1 is x.
    private readonly MergedAxes _kept;
    private readonly MergedAxes _reduced;
    private readonly ReduceOp _op;
    private readonly float* _x;
    private readonly float* _y;
    private readonly double _divisor;
    private readonly bool _dense;
    private readonly long _runs;
    private readonly long _outputs;
    private readonly long _runsPerPart;
    private readonly int _cuts;
    private readonly int _runParts;
    private double* _partials;

    private ReduceJob(ReduceOp op, in View x, in View y)
    {
        var axes = new MergedAxes(x.Shape);
        Span<long> steps = stackalloc long[x.Shape.Rank];
        for (var axis = 0; axis < steps.Length; axis++)
        {
            steps[axis] = y.Shape[axis] == 1 ? 0 : y.Strides[axis];
        }

        axes.Add(new Strides(steps));
        axes.Add(x.Strides);
        axes.Merge(orderedBy: 1);
        axes.Split(operand: 0, out _kept, out _reduced);
        _op = op;
        _x = x.FloatPointer;
        _y = y.FloatPointer;
        _outputs = y.Elements;
        _divisor = op == ReduceOp.Mean ? (double)x.Elements / y.Elements : 1;
        _dense = axes.InnerStride(0) == 0;
        _runs = _dense ? _outputs : _kept.Rows * ((_kept.Inner + Tile - 1) / Tile);
        var wanted = Math.Max(1, x.Elements / Grain);
        _cuts = _runs < MaxCuts && _outputs * MaxCuts <= MaxPartials ? (int)Math.Min(MaxCuts, wanted) : 1;
        _runParts = (int)Math.Clamp(wanted / _cuts, 1, Math.Min(_runs, CpuPool.Threads * 4L));
        _runsPerPart = (_runs + _runParts - 1) / _runParts;
    }

    /// <summary>y = op over the axes where y has length 1.</summary>
    [SkipLocalsInit]
    public static void Run(ReduceOp op, in View x, in View y)
    {
        var job = new ReduceJob(op, x, y);
        var partials = stackalloc double[MaxPartials];
        job._partials = partials;
        CpuPool.Run(job._runParts * job._cuts, job);
        if (job._cuts > 1)
        {
            job.Combine();
        }
    }

    public void Execute(int index)
    {
        var (part, cut) = Math.DivRem(index, _cuts);
        var end = Math.Min(_runs, (part + 1) * _runsPerPart);
        for (var run = part * _runsPerPart; run < end; run++)
        {
            if (_dense)
            {
                Dense(run, cut);
            }
            else
            {
                Tiled(run, cut);
            }
        }
    }

    private static double Empty(ReduceOp op) => op == ReduceOp.Max ? double.NegativeInfinity : 0;

    private static double Fold(ReduceOp op, double a, double b) => op == ReduceOp.Max ? Math.Max(a, b) : a + b;

    /// <summary>One result: rows of x, each folded along its length.</summary>
    private void Dense(long output, int cut)
    {
        var start = _x + _kept.Offset(1, output);
        var step = _reduced.InnerStride(1);
        long rows = _reduced.Rows, length = _reduced.Inner;
        var total = Empty(_op);
        if (rows == 1)
        {
            // A single row is cut along its length.
            long first = length * cut / _cuts, last = length * (cut + 1) / _cuts;
            total = FoldRow(start + first * step, step, last - first);
        }
        else
        {
            for (var row = rows * cut / _cuts; row < rows * (cut + 1) / _cuts; row++)
            {
                total = Fold(_op, total, FoldRow(start + _reduced.RowOffset(1, row), step, length));
            }
        }

        Finish(output, _kept.Offset(0, output), cut, total);
    }

    private double FoldRow(float* x, long step, long length)
    {
        if (step == 1)
        {
            return _op == ReduceOp.Max ? SimdMaximum.Of(x, length) : SimdSum.Of(x, length);
        }

        var total = Empty(_op);
        for (long i = 0; i < length; i++)
        {
            total = Fold(_op, total, x[i * step]);
        }

        return total;
    }

    /// <summary>A run of neighbouring results: rows of x are folded into all of them at once.</summary>
    [SkipLocalsInit]
    private void Tiled(long run, int cut)
    {
        var block = stackalloc float[Tile];
        var totals = stackalloc double[Tile];
        var tiles = (_kept.Inner + Tile - 1) / Tile;
        var (group, tile) = Math.DivRem(run, tiles);
        var first = tile * Tile;
        var width = (int)Math.Min(Tile, _kept.Inner - first);
        var step = _kept.InnerStride(1);
        var start = _x + _kept.RowOffset(1, group) + first * step;
        new Span<double>(totals, width).Fill(Empty(_op));
        var rows = _reduced.Rows * _reduced.Inner;
        var end = rows * (cut + 1) / _cuts;
        for (var row = rows * cut / _cuts; row < end;)
        {
            var stop = Math.Min(end, row + RowsPerBlock);
            new Span<float>(block, width).Fill((float)Empty(_op));
            for (; row < stop; row++)
            {
                AddRow(block, start + _reduced.Offset(1, row), step, width);
            }

            for (var i = 0; i < width; i++)
            {
                totals[i] = Fold(_op, totals[i], block[i]);
            }
        }

        for (var i = 0; i < width; i++)
        {
            Finish(group * _kept.Inner + first + i, _kept.RowOffset(0, group) + (first + i) * _kept.InnerStride(0), cut, totals[i]);
        }
    }

    private void AddRow(float* block, float* x, long step, int width)
    {
        var i = 0;
        if (step == 1 && _op == ReduceOp.Max)
        {
            for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
            {
                Vector.Max(Vector.Load(block + i), Vector.Load(x + i)).Store(block + i);
            }
        }
        else if (step == 1)
        {
            for (; i <= width - Vector<float>.Count; i += Vector<float>.Count)
            {
                (Vector.Load(block + i) + Vector.Load(x + i)).Store(block + i);
            }
        }

        for (; i < width; i++)
        {
            block[i] = _op == ReduceOp.Max ? MathF.Max(block[i], x[i * step]) : block[i] + x[i * step];
        }
    }

    private void Finish(long output, long at, int cut, double total)
    {
        if (_cuts > 1)
        {
            _partials[output * _cuts + cut] = total;
        }
        else
        {
            _y[at] = (float)(total / _divisor);
        }
    }

    private void Combine()
    {
        for (long output = 0; output < _outputs; output++)
        {
            var total = Empty(_op);
            for (var cut = 0; cut < _cuts; cut++)
            {
                total = Fold(_op, total, _partials[output * _cuts + cut]);
            }

            _y[_kept.Offset(0, output)] = (float)(total / _divisor);
        }
    }
}
