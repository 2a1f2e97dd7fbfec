using TaaS.Kernels.Cuda;

namespace TaaS.Kernels.Tests.Cuda;

/// <summary>Which of cuDNN's offers is taken: one beyond the workspace would write past it, one of tensor cores would break the promise of f32.</summary>
public sealed class AlgorithmChoiceTests
{
    private static readonly AlgorithmPerformance[] Offers =
    [
        new() { Algorithm = 7, Status = CudnnStatus.Success, WorkspaceBytes = 1 << 30, MathType = CudnnMathType.Fma },
        new() { Algorithm = 1, Status = CudnnStatus.Success, WorkspaceBytes = 100, MathType = CudnnMathType.TensorOp },
        new() { Algorithm = 3, Status = CudnnStatus.NotSupported, WorkspaceBytes = 0, MathType = CudnnMathType.Fma },
        new() { Algorithm = 0, Status = CudnnStatus.Success, WorkspaceBytes = 200, MathType = CudnnMathType.Default },
    ];

    [Theory]
    [InlineData(1L << 30, false, 0)]
    [InlineData((1L << 30) - 1, false, 1)]
    [InlineData(99, false, -1)]
    [InlineData((1L << 30) - 1, true, 3)]
    [InlineData(199, true, -1)]
    public void Best_IsTheFirstThatWorksFitsAndKeepsToTheArithmetic(long workspace, bool strict, int position) =>
        Assert.Equal(position, AlgorithmChoice.Best(Offers, workspace, strict));

    [Fact]
    public void NoOffers_LeaveNothing() => Assert.Equal(-1, AlgorithmChoice.Best([], 1 << 30, strict: false));

    [Theory]
    [InlineData(4, 3, 8, 8, 16, true)]
    [InlineData(0, 3, 8, 8, 16, false)]
    [InlineData(4, 3, 8, 8, 0, false)]
    [InlineData(70000, 64, 32, 32, 1, false)]
    [InlineData(4096, 1, 32, 32, 1024, false)]
    public void EmptyOrHugeConvolutions_AreNotRegular(int n, int c, int h, int w, int k, bool regular) =>
        Assert.Equal(regular, new ConvolutionProblem(ConvolutionDirection.Forward, n, c, h, w, k, 3, 3, new Conv2dGeometry(PadH: 1, PadW: 1)).IsRegular);

    [Theory]
    [InlineData(0, false, true)]
    [InlineData(0, true, false)]
    [InlineData(2, false, false)]
    [InlineData(9, false, false)]
    public void OnlySinglePrecisionWithoutTf32_IsStrict(int type, bool allowTf32, bool strict) =>
        Assert.Equal(strict, new ConvolutionProblem(ConvolutionDirection.Forward, 1, 1, 8, 8, 1, 3, 3, new Conv2dGeometry(), (CudnnDataType)type, allowTf32).IsStrict);
}
