using TaaS.Kernels.Cuda;
using TaaS.Kernels.Reference;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>
/// Runs the problem that cuBLASLt would be given with plain loops over column-major matrices, against the row-major reference.
/// A mistake here multiplies the wrong elements on every GPU.
/// </summary>
public sealed class ColumnMajorProblemTests
{
    [Fact]
    public void PlannedProblem_AnyTransposeStrideBatchAndEpilogue_IsTheRowMajorProduct()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed);
            var problem = Draw(random);
            float alpha = random.NextSingle() * 2 - 1, beta = random.Next(2) == 0 ? 0 : random.NextSingle();
            var (a, b, c) = (Values(random, Size(problem, problem.TransposeA ? problem.K : problem.M, problem.Lda, problem.BatchStepA)),
                Values(random, Size(problem, problem.TransposeB ? problem.N : problem.K, problem.Ldb, problem.BatchStepB)),
                Values(random, Size(problem, problem.M, problem.Ldc, problem.BatchStepC)));
            var bias = Values(random, problem.N);
            var expected = Reference(problem, a, b, c, bias, alpha, beta);
            ColumnMajor(problem, a, b, c, bias, alpha, beta);
            for (var i = 0; i < c.Length; i++)
            {
                Assert.True(Math.Abs(expected[i] - c[i]) < 1e-4, $"seed {seed}: element {i} of {problem}: expected {expected[i]}, got {c[i]}");
            }
        }
    }

    [Fact]
    public void PlainProduct_SwapsOperandsAndKeepsTheirSteps()
    {
        var turned = ColumnMajorProblem.Of(new MatmulProblem(2, 3, 5, TransposeA: false, TransposeB: true, Lda: 7, Ldb: 11, Ldc: 13, Batches: 4, BatchStepA: 100, BatchStepB: 0, BatchStepC: 200));
        Assert.Equal(new ColumnMajorLayout(5, 3, 11, 0), turned.First);
        Assert.Equal(CublasOperation.Transpose, turned.FirstOperation);
        Assert.Equal(new ColumnMajorLayout(5, 2, 7, 100), turned.Second);
        Assert.Equal(CublasOperation.None, turned.SecondOperation);
        Assert.Equal(new ColumnMajorLayout(3, 2, 13, 200), turned.Result);
    }

    [Theory]
    [InlineData(false, FusedActivation.None, 1)]
    [InlineData(false, FusedActivation.Relu, 2)]
    [InlineData(true, FusedActivation.None, 4)]
    [InlineData(true, FusedActivation.Relu, 6)]
    public void Epilogue_IsTheLibrarysForBiasAndActivation(bool bias, FusedActivation activation, int epilogue) =>
        Assert.Equal(epilogue, (int)MatmulProblem.EpilogueOf(bias, activation));

    [Theory]
    [InlineData(0, 3, 5, 5, 3, 3, false)]
    [InlineData(2, 3, 0, 1, 3, 3, false)]
    [InlineData(2, 3, 5, 5, 3, 3, true)]
    [InlineData(2, 3, 5, 4, 3, 3, false)]
    [InlineData(2, 3, 5, 5, 0, 3, false)]
    [InlineData(2, 3, 5, 5, 3, 2, false)]
    public void EmptyOrOverlappingMatrices_AreNotRegular(int m, int n, int k, long lda, long ldb, long ldc, bool regular) =>
        Assert.Equal(regular, new MatmulProblem(m, n, k, TransposeA: false, TransposeB: false, lda, ldb, ldc).IsRegular);

    [Theory]
    [InlineData(0x1000, 256)]
    [InlineData(0x1080, 128)]
    [InlineData(0x1010, 16)]
    [InlineData(0x1004, 4)]
    [InlineData(0x1001, 1)]
    [InlineData(0, 256)]
    public void Alignment_IsTheLargestPowerOfTwoUpTo256(long address, int alignment) => Assert.Equal(alignment, MatmulKey.AlignmentOf((nint)address));

    private static MatmulProblem Draw(Random random)
    {
        int m = random.Next(1, 9), n = random.Next(1, 9), k = random.Next(1, 9), batches = random.Next(1, 4);
        bool transposeA = random.Next(2) == 0, transposeB = random.Next(2) == 0;
        long lda = (transposeA ? m : k) + random.Next(3), ldb = (transposeB ? k : n) + random.Next(3), ldc = n + random.Next(3);
        return new MatmulProblem(
            m, n, k, transposeA, transposeB, lda, ldb, ldc, batches,
            random.Next(3) == 0 ? 0 : lda * (transposeA ? k : m) + random.Next(4),
            random.Next(3) == 0 ? 0 : ldb * (transposeB ? n : k) + random.Next(4),
            ldc * m + random.Next(4),
            Epilogue: MatmulProblem.EpilogueOf(random.Next(2) == 0, (FusedActivation)random.Next(2)));
    }

    private static int Size(in MatmulProblem problem, int storedRows, long leadingDimension, long batchStep) => (int)((problem.Batches - 1) * batchStep + storedRows * leadingDimension);

    private static float[] Values(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];

    /// <summary>The reference device's product on views of the row-major matrices, then bias and activation.</summary>
    private static float[] Reference(in MatmulProblem p, float[] a, float[] b, float[] c, float[] bias, float alpha, float beta)
    {
        View left = Place(a, new Shape(p.Batches, p.M, p.K), p.TransposeA ? new Strides(p.BatchStepA, 1, p.Lda) : new Strides(p.BatchStepA, p.Lda, 1));
        View right = Place(b, new Shape(p.Batches, p.K, p.N), p.TransposeB ? new Strides(p.BatchStepB, 1, p.Ldb) : new Strides(p.BatchStepB, p.Ldb, 1));
        var result = Place(c, new Shape(p.Batches, p.M, p.N), new Strides(p.BatchStepC, p.Ldc, 1));
        ReferenceDevice.Instance.Matrix.Multiply(left, right, result, alpha, beta);
        var values = ((HostBuffer)result.Buffer).Floats;
        for (var batch = 0; batch < p.Batches; batch++)
        for (var row = 0; row < p.M; row++)
        for (var column = 0; column < p.N; column++)
        {
            ref var value = ref values[(int)(batch * p.BatchStepC + row * p.Ldc + column)];
            value += p.HasBias ? bias[column] : 0;
            value = p.Epilogue is CublasLtEpilogue.Relu or CublasLtEpilogue.ReluBias ? Math.Max(value, 0) : value;
        }

        return values.ToArray();
    }

    private static View Place(float[] values, Shape shape, Strides strides)
    {
        var buffer = (HostBuffer)ReferenceDevice.Instance.Allocate(DType.Float32, values.Length);
        values.CopyTo(buffer.Floats);
        return new View(buffer, shape, strides, 0);
    }

    /// <summary>d = epilogue(alpha · op(first) · op(second) + beta · d) on columns, the bias along them, as the library's manual defines it.</summary>
    private static void ColumnMajor(in MatmulProblem problem, float[] a, float[] b, float[] c, float[] bias, float alpha, float beta)
    {
        var p = ColumnMajorProblem.Of(problem);
        var inner = p.FirstOperation == CublasOperation.None ? p.First.Columns : p.First.Rows;
        Assert.Equal(inner, p.SecondOperation == CublasOperation.None ? p.Second.Rows : p.Second.Columns);
        for (var batch = 0; batch < problem.Batches; batch++)
        for (var column = 0; column < p.Result.Columns; column++)
        for (var row = 0; row < p.Result.Rows; row++)
        {
            double sum = 0;
            for (var i = 0; i < inner; i++)
            {
                sum += (double)At(b, p.First, p.FirstOperation, batch, row, i) * At(a, p.Second, p.SecondOperation, batch, i, column);
            }

            ref var target = ref c[(int)(batch * p.Result.BatchStep + row + column * p.Result.LeadingDimension)];
            var value = alpha * sum + (beta == 0 ? 0 : beta * target) + (problem.HasBias ? bias[row] : 0);
            target = (float)(problem.Epilogue is CublasLtEpilogue.Relu or CublasLtEpilogue.ReluBias ? Math.Max(value, 0) : value);
        }
    }

    private static float At(float[] values, in ColumnMajorLayout layout, CublasOperation operation, int batch, int row, int column)
    {
        var (r, c) = operation == CublasOperation.None ? (row, column) : (column, row);
        Assert.InRange(r, 0, layout.Rows - 1);
        Assert.InRange(c, 0, layout.Columns - 1);
        return values[(int)(batch * layout.BatchStep + r + c * layout.LeadingDimension)];
    }
}
