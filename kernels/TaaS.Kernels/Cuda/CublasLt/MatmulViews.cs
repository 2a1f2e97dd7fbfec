namespace TaaS.Kernels.Cuda;

/// <summary>Reads from the strides of views how their matrices are stored.</summary>
internal static class MatmulViews
{
    /// <summary>The problem of <see cref="IMatrixKernels.Multiply"/>; not regular where an operand is stored in a way the library does not know.</summary>
    internal static MatmulProblem Multiply(in View a, in View b, in View c, CublasComputeType compute)
    {
        var (transposeA, lda) = Stored(a);
        var (transposeB, ldb) = Stored(b);
        var (transposeC, ldc) = Stored(c);
        return new MatmulProblem(
            c.Shape[-2],
            c.Shape[-1],
            a.Shape[-1],
            transposeA,
            transposeB,
            lda,
            ldb,
            transposeC ? 0 : ldc,
            c.Shape.Rank == 3 ? c.Shape[0] : 1,
            BatchStep(a),
            BatchStep(b),
            BatchStep(c),
            Compute: compute);
    }

    /// <summary>The problem of <see cref="IMatrixKernels.Linear"/>.</summary>
    internal static MatmulProblem Linear(in View x, in View w, in View y, CublasComputeType compute, CublasLtEpilogue epilogue)
    {
        int m = y.Shape[0], n = y.Shape[1], k = x.Shape[1];
        return new MatmulProblem(m, n, k, TransposeA: false, TransposeB: true, k, k, n, Compute: compute, Epilogue: epilogue);
    }

    /// <summary>Whether the last two axes are stored the other way round, and the step between stored rows; 0 where neither axis has step 1.</summary>
    private static (bool Transposed, long LeadingDimension) Stored(in View view)
    {
        int rank = view.Shape.Rank, rows = view.Shape[-2], columns = view.Shape[-1];
        long rowStep = view.Strides[rank - 2], columnStep = view.Strides[rank - 1];
        if (columns <= 1 || columnStep == 1)
        {
            // A step that is never taken may be anything.
            return (false, rows > 1 ? rowStep : columns);
        }

        return rows <= 1 || rowStep == 1 ? (true, columnStep) : (false, 0);
    }

    private static long BatchStep(in View view) => view.Shape.Rank == 3 && view.Shape[0] > 1 ? view.Strides[0] : 0;
}
