namespace TaaS.Kernels.Cuda;

/// <summary>
/// c = act(alpha · op(a) · op(b) + beta · c + bias) on row-major matrices, without the pointers. Lengths and steps in elements.
/// <b>Shapes</b>: op(a): [M, K], op(b): [K, N], c: [M, N], bias: [N].
/// </summary>
/// <param name="M">Rows of the result.</param>
/// <param name="N">Columns of the result.</param>
/// <param name="K">Summed length.</param>
/// <param name="TransposeA">a is stored [K, M].</param>
/// <param name="TransposeB">b is stored [N, K].</param>
/// <param name="Lda">Step between stored rows of a.</param>
/// <param name="Ldb">Step between stored rows of b.</param>
/// <param name="Ldc">Step between rows of c.</param>
/// <param name="Batches">Products, at least 1.</param>
/// <param name="BatchStepA">Step between the a of two products; 0 repeats it.</param>
/// <param name="BatchStepB">Step between the b of two products; 0 repeats it.</param>
/// <param name="BatchStepC">Step between the c of two products.</param>
/// <param name="Type">Elements of a and b.</param>
/// <param name="ResultType">Elements of c and of the bias.</param>
/// <param name="Compute">Arithmetic.</param>
/// <param name="Epilogue">What follows the product.</param>
internal readonly record struct MatmulProblem(
    int M,
    int N,
    int K,
    bool TransposeA,
    bool TransposeB,
    long Lda,
    long Ldb,
    long Ldc,
    int Batches = 1,
    long BatchStepA = 0,
    long BatchStepB = 0,
    long BatchStepC = 0,
    CudaDataType Type = CudaDataType.Float32,
    CudaDataType ResultType = CudaDataType.Float32,
    CublasComputeType Compute = CublasComputeType.Float32,
    CublasLtEpilogue Epilogue = CublasLtEpilogue.None)
{
    internal bool HasBias => Epilogue is CublasLtEpilogue.Bias or CublasLtEpilogue.ReluBias;

    /// <summary>Whether the library takes it: nothing empty, no stored row that overlaps the next.</summary>
    internal bool IsRegular => M > 0 && N > 0 && K > 0 && Batches > 0
        && Lda >= (TransposeA ? M : K)
        && Ldb >= (TransposeB ? K : N)
        && Ldc >= N;

    /// <summary>Elements from a's first to its last.</summary>
    internal long ExtentA => Extent(TransposeA ? K : M, TransposeA ? M : K, Lda, BatchStepA);

    /// <summary>Elements from b's first to its last.</summary>
    internal long ExtentB => Extent(TransposeB ? N : K, TransposeB ? K : N, Ldb, BatchStepB);

    /// <summary>The epilogue for a bias and an activation.</summary>
    internal static CublasLtEpilogue EpilogueOf(bool bias, FusedActivation activation) => (bias, activation) switch
    {
        (false, FusedActivation.None) => CublasLtEpilogue.None,
        (false, FusedActivation.Relu) => CublasLtEpilogue.Relu,
        (true, FusedActivation.None) => CublasLtEpilogue.Bias,
        (true, FusedActivation.Relu) => CublasLtEpilogue.ReluBias,
        _ => throw new ArgumentOutOfRangeException(nameof(activation), $"matmul: unknown activation {activation}"),
    };

    private long Extent(int storedRows, int storedColumns, long leadingDimension, long batchStep) =>
        (Batches - 1) * batchStep + (storedRows - 1) * leadingDimension + storedColumns;
}
