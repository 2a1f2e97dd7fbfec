namespace TaaS.Kernels.Cuda;

/// <summary>A stored matrix as the library sees it: column after column.</summary>
/// <param name="Rows">Length of a column.</param>
/// <param name="Columns">Number of columns.</param>
/// <param name="LeadingDimension">Step between columns in elements.</param>
/// <param name="BatchStep">Step between matrices of a batch in elements.</param>
internal readonly record struct ColumnMajorLayout(int Rows, int Columns, long LeadingDimension, long BatchStep);

/// <summary>
/// A row-major problem as the column-major one with the same answer. Row-major c read by columns is cᵀ = op(b)ᵀ · op(a)ᵀ:
/// the operands change places and what was a row's step is a column's. The bias, along c's rows, runs along cᵀ's columns, as the library wants it.
/// </summary>
internal readonly record struct ColumnMajorProblem(
    CublasOperation FirstOperation,
    CublasOperation SecondOperation,
    ColumnMajorLayout First,
    ColumnMajorLayout Second,
    ColumnMajorLayout Result)
{
    /// <summary>First operand: the caller's b. Second: the caller's a.</summary>
    internal static ColumnMajorProblem Of(in MatmulProblem problem) => new(
        problem.TransposeB ? CublasOperation.Transpose : CublasOperation.None,
        problem.TransposeA ? CublasOperation.Transpose : CublasOperation.None,
        problem.TransposeB
            ? new ColumnMajorLayout(problem.K, problem.N, problem.Ldb, problem.BatchStepB)
            : new ColumnMajorLayout(problem.N, problem.K, problem.Ldb, problem.BatchStepB),
        problem.TransposeA
            ? new ColumnMajorLayout(problem.M, problem.K, problem.Lda, problem.BatchStepA)
            : new ColumnMajorLayout(problem.K, problem.M, problem.Lda, problem.BatchStepA),
        new ColumnMajorLayout(problem.N, problem.M, problem.Ldc, problem.BatchStepC));
}
