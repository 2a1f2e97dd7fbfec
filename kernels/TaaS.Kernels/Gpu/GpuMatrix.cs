using ILGPU;

namespace TaaS.Kernels.Gpu;

/// <summary>Matrix products of our own: tiles in shared memory, sums in registers (<see cref="ProductKernels"/>).</summary>
internal sealed class GpuMatrix(Products products) : IMatrixKernels
{
    public void Multiply(View a, View b, View c, float alpha = 1, float beta = 0)
    {
        int rows = c.Shape[-2], columns = c.Shape[-1], terms = a.Shape[-1];
        var batches = c.Shape.Rank == 3 ? c.Shape[0] : 1;
        var result = Result(c, batches);
        result.Alpha = alpha;
        result.Beta = beta;
        Run(
            MatrixSide.Of(Floats(a), a.Offset, rows, Step(a, -2), terms, Step(a, -1), batches, BatchStep(a)),
            MatrixSide.Of(Floats(b), b.Offset, columns, Step(b, -1), terms, Step(b, -2), batches, BatchStep(b)),
            result,
            batches);
        KeepAlive(a, b, c);
    }

    public void Linear(View x, View w, View? bias, View y, FusedActivation activation)
    {
        int rows = y.Shape[0], columns = y.Shape[1], terms = x.Shape[1];
        var result = Result(y, 1);
        result.Alpha = 1;
        result.Relu = activation == FusedActivation.Relu ? 1 : 0;
        if (bias is { } shift)
        {
            result.Bias = Floats(shift).SubView(shift.Offset);
            result.HasBias = 1;
        }

        Run(
            MatrixSide.Of(Floats(x), x.Offset, rows, terms, terms, 1, 1, 0),
            MatrixSide.Of(Floats(w), w.Offset, columns, terms, terms, 1, 1, 0),
            result,
            1);
        KeepAlive(x, w, y);
        GC.KeepAlive(bias?.Buffer);
    }

    private void Run((MatrixSide Side, bool TermsTogether) left, (MatrixSide Side, bool TermsTogether) right, in MatrixTarget result, int batches)
    {
        if (left.Side.IsWhole(left.TermsTogether) && right.Side.IsWhole(right.TermsTogether))
        {
            Run<WholeEdge>(left, right, result, batches);
        }
        else
        {
            Run<GuardedEdge>(left, right, result, batches);
        }
    }

    private void Run<TEdge>((MatrixSide Side, bool TermsTogether) left, (MatrixSide Side, bool TermsTogether) right, in MatrixTarget result, int batches)
        where TEdge : struct, IEdge
    {
        if (left.TermsTogether)
        {
            Run<TEdge, TermsOperand<TEdge>>(new(left.Side), right, result, batches);
        }
        else
        {
            Run<TEdge, LinesOperand<TEdge>>(new(left.Side), right, result, batches);
        }
    }

    private void Run<TEdge, TLeft>(TLeft left, (MatrixSide Side, bool TermsTogether) right, in MatrixTarget result, int batches)
        where TEdge : struct, IEdge
        where TLeft : struct, IOperand
    {
        var terms = right.Side.Terms;
        if (right.TermsTogether)
        {
            products.Run(left, new TermsOperand<TEdge>(right.Side), result, result.Rows, result.Columns, terms, batches);
        }
        else
        {
            products.Run(left, new LinesOperand<TEdge>(right.Side), result, result.Rows, result.Columns, terms, batches);
        }
    }

    /// <summary>The result, without bias.</summary>
    private static MatrixTarget Result(in View c, int batches)
    {
        var result = new MatrixTarget
        {
            Result = Floats(c).SubView(c.Offset),
            Rows = c.Shape[-2],
            Columns = c.Shape[-1],
            RowStep = c.Shape[-2] > 1 ? (int)Step(c, -2) : 0,
            BatchStep = batches > 1 ? (int)c.Strides[0] : 0,
        };
        result.Bias = result.Result;
        result.Aligned = (c.Offset | (long)result.RowStep | (long)result.BatchStep) % Float4.Count == 0 ? 1 : 0;
        return result;
    }

    private static ArrayView<float> Floats(in View view) => ((GpuBuffer)view.Buffer).Floats;

    private static long Step(in View view, int axis) => view.Strides[axis + view.Shape.Rank];

    private static long BatchStep(in View view) => view.Shape.Rank == 3 && view.Shape[0] > 1 ? view.Strides[0] : 0;

    private static void KeepAlive(in View first, in View second, in View third)
    {
        GC.KeepAlive(first.Buffer);
        GC.KeepAlive(second.Buffer);
        GC.KeepAlive(third.Buffer);
    }
}
