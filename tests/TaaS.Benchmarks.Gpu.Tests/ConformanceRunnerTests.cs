using TaaS.Benchmarks.Gpu.Conformance;
using TaaS.Kernels.Gpu;

namespace TaaS.Benchmarks.Gpu.Tests;

/// <summary>A check that is left out, or whose failure is not told, passes a wrong GPU.</summary>
public sealed class ConformanceRunnerTests
{
    [Fact]
    public void EveryFamilyOfTheSuite_IsRun() => Assert.Empty(ConformanceRunner.Missing);

    [Fact]
    public void EveryRowOfATheory_IsACheck()
    {
        var checks = ConformanceRunner.Checks.ToArray();
        Assert.Equal(Enum.GetValues<Kernels.BinaryOp>().Length, checks.Count(check => check.Method.Name == "Binary_AnyStrides_MatchesReference"));
        Assert.Equal(3, checks.Count(check => check.Method.Name == "Sgd_SeveralSteps_MatchesReference"));
        Assert.Single(checks, check => check.Method.Name == "AxpyFillCopy_MatchReference");
        Assert.Equal(["Convolution", "ConvolutionBFloat16", "ConvolutionTensorFloat32"], checks.Where(check => check.Method.Name == "Forward_AnyGeometry_MatchesReference").Select(check => check.Class.Name));
    }

    [Fact]
    public void Run_OnADevice_Passes()
    {
        using var emulator = GpuDevice.CreateEmulator();
        Families.Device = emulator;
        var (type, method, arguments) = ConformanceRunner.Checks.Single(check => check.Method.Name == "OneHot_MatchesReference");
        var result = ConformanceRunner.Run(type, method, arguments);
        Assert.Null(result.Failure);
        Assert.Equal("Elementwise", result.Family);
    }

    [Fact]
    public void Run_CheckThatThrows_IsAFailureWithItsMessage()
    {
        var result = ConformanceRunner.Run(typeof(Failing), typeof(Failing).GetMethod(nameof(Failing.Check))!, [1]);
        Assert.Equal("Check(1)", result.Name);
        Assert.Contains("half is 0.5", result.Failure, StringComparison.Ordinal);
    }

    public sealed class Failing
    {
        // A whole number where a fraction is asked for, as attributes give it.
        public static void Check(float one) => throw new InvalidOperationException(FormattableString.Invariant($"half is {one / 2}"));
    }
}
