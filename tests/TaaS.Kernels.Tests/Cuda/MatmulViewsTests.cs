using TaaS.Kernels.Cuda;
using TaaS.Kernels.Reference;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>How strided views become the library's problem; what is refused here runs on the engine's own kernels.</summary>
public sealed class MatmulViewsTests
{
    [Fact]
    public void Contiguous_IsStoredByRows()
    {
        var p = Multiply(new Shape(4, 6), new Strides(6, 1), new Shape(6, 5), new Strides(5, 1), new Shape(4, 5), new Strides(5, 1));
        Assert.Equal(new MatmulProblem(4, 5, 6, TransposeA: false, TransposeB: false, 6, 5, 5), p);
        Assert.True(p.IsRegular);
    }

    [Fact]
    public void TransposedWithGaps_KeepsTheStoredStep()
    {
        var p = Multiply(new Shape(4, 6), new Strides(1, 9), new Shape(6, 5), new Strides(1, 7), new Shape(4, 5), new Strides(8, 1));
        Assert.Equal(new MatmulProblem(4, 5, 6, TransposeA: true, TransposeB: true, 9, 7, 8), p);
        Assert.True(p.IsRegular);
    }

    [Fact]
    public void RepeatedBatch_HasStepZero()
    {
        var p = Multiply(new Shape(3, 4, 6), new Strides(0, 6, 1), new Shape(3, 6, 5), new Strides(30, 5, 1), new Shape(3, 4, 5), new Strides(20, 5, 1));
        Assert.Equal((3, 0L, 30L, 20L), (p.Batches, p.BatchStepA, p.BatchStepB, p.BatchStepC));
        Assert.True(p.IsRegular);
    }

    [Theory]
    [InlineData(1, 6, 999, 1)]
    [InlineData(4, 1, 1, 999)]
    [InlineData(1, 1, 999, 999)]
    [InlineData(1, 6, 1, 3)]
    public void StepThatIsNeverTaken_MayBeAnything(int rows, int columns, long rowStep, long columnStep) => Assert.True(
        Multiply(new Shape(rows, columns), new Strides(rowStep, columnStep), new Shape(columns, 5), new Strides(5, 1), new Shape(rows, 5), new Strides(5, 1)).IsRegular);

    [Theory]
    [InlineData(12, 2)]
    [InlineData(0, 1)]
    [InlineData(5, 1)]
    public void StepsOfNoMatrix_AreRefused(long rowStep, long columnStep) => Assert.False(
        Multiply(new Shape(4, 6), new Strides(rowStep, columnStep), new Shape(6, 5), new Strides(5, 1), new Shape(4, 5), new Strides(5, 1)).IsRegular);

    [Fact]
    public void ResultStoredByColumns_IsRefused() => Assert.False(
        Multiply(new Shape(4, 6), new Strides(6, 1), new Shape(6, 5), new Strides(5, 1), new Shape(4, 5), new Strides(1, 4)).IsRegular);

    [Fact]
    public void Linear_TakesTheWeightsAsTheyLie() => Assert.Equal(
        new MatmulProblem(4, 5, 6, TransposeA: false, TransposeB: true, 6, 6, 5, Compute: CublasComputeType.FastTf32, Epilogue: CublasLtEpilogue.ReluBias),
        MatmulViews.Linear(At(new Shape(4, 6)), At(new Shape(5, 6)), At(new Shape(4, 5)), CublasComputeType.FastTf32, CublasLtEpilogue.ReluBias));

    private static MatmulProblem Multiply(Shape a, Strides aSteps, Shape b, Strides bSteps, Shape c, Strides cSteps) =>
        MatmulViews.Multiply(At(a) with { Strides = aSteps }, At(b) with { Strides = bSteps }, At(c) with { Strides = cSteps }, CublasComputeType.Float32);

    private static View At(Shape shape) => new(ReferenceDevice.Instance.Allocate(DType.Float32, shape.Elements), shape);
}
