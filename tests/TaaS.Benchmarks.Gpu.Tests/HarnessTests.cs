using System.Text.Json.Nodes;
using TaaS.Benchmarks.Gpu.Conformance;
using TaaS.Benchmarks.Gpu.Measure;
using TaaS.Benchmarks.Gpu.Report;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Roofline;
using TaaS.Kernels;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Reference;

namespace TaaS.Benchmarks.Gpu.Tests;

/// <summary>The whole flow without a GPU, and what the tables make of times.</summary>
public sealed class HarnessTests
{
    private static readonly Operation Add = OperationCatalog.All(Scale.Tiny).Single(operation => operation.Group == "vector-add");

    [Fact]
    public void Run_OnTheEmulator_TimesRightKernelsBesideAPeer()
    {
        string[] peer = ["/bin/sh", "-c", """while read -r question; do echo '{"description": "scripted", "graph": true, "problem": null, "seconds": 3600, "flops": 1e12}'; done"""];
        var report = new HarnessRun(new Options(Options.Emulator, ".", peer, "elementwise", Rounds: 2, Parts.Benchmarks), TextWriter.Null).Run();
        Assert.True(report.IsRight, string.Join('\n', report.Cases.Select(one => one.Problem)));
        Assert.Equal(OperationCatalog.All(Scale.Tiny).Count(operation => operation.Group == "elementwise"), report.Cases.Count);
        Assert.All(report.Cases, one => Assert.True(one.Ours!.Median is > 0 and < 60 && one.RatioToEager > 60 && one.RatioToGraph > 60, one.Operation.FullName));
        Assert.True(report.Roof is { Flops: > 0, Bytes: > 0 });

        var markdown = MarkdownReport.Write(report);
        Assert.All(report.Cases, one => Assert.Contains($"| {one.Operation.Key} | {one.Operation.Shape} | f32 |", markdown, StringComparison.Ordinal));
        Assert.Contains("Tiny shapes", markdown, StringComparison.Ordinal);
        var cases = JsonNode.Parse(JsonReport.Write(report))!["cases"]!.AsArray();
        Assert.All(cases, one => Assert.Equal(2, one!["ours"]!["rounds"]!.AsArray().Count));
    }

    [Fact]
    public void Measure_WrongKernel_IsNotTimed()
    {
        using var emulator = GpuDevice.CreateEmulator();
        var wrong = Add with { Prepare = device => Add.Prepare(device) is var right && device == emulator ? right with { Run = () => device.Elementwise.Fill(right.Results[0], 1) } : right };
        var outcome = new CaseTiming(emulator, ReferenceDevice.Instance, Scale.Tiny, peer: null, rounds: 1, TimeSpan.FromMilliseconds(1)).Measure(wrong);
        Assert.Null(outcome.Ours);
        Assert.StartsWith("wrong, so not timed", outcome.Problem, StringComparison.Ordinal);
        Assert.False(Report([outcome]).IsRight);
    }

    [Fact]
    public void Ratios_AreOfTheSameRound()
    {
        // The machine slowed down by half after the first round, for both alike.
        Times ours = new([1, 2, 2]), theirs = new([3, 6, 6]);
        Assert.Equal(3, ours.RatioOf(theirs));
        Assert.Equal(2, ours.Median);
    }

    [Fact]
    public void Table_MergesBothSides()
    {
        var big = Add with { Work = Work.Memory(1e9, 1, 3), Shape = "1G" };
        var outcome = new CaseOutcome(big, 1, Ours: new Times([6e-3]), Frozen: new Times([5e-3]), Eager: new Times([12e-3]), Graph: new Times([7.5e-3]), null, null);
        var row = MarkdownReport.Write(Report([outcome])).Split('\n').Single(line => line.StartsWith("| vector-add", StringComparison.Ordinal));
        Assert.Equal("| vector-add a+b | 1G | f32 | 6.00 ms | 2400.0 GB/s | 80% | 12.00 ms | 2.00 | 5.00 ms | 7.50 ms | 1.50 |", row);
    }

    [Fact]
    public void ShareOfPeak_RoundedType_IsOfTheLibrarysPeak()
    {
        var product = Add with { Work = Work.Arithmetic(5e11, 1), Precision = MatrixPrecision.BFloat16 };
        Assert.Equal(0.5, Report([]).ShareOfPeak(product, 2e-3)!.Value, 6);
        Assert.Null(Report([]).ShareOfPeak(product with { Precision = MatrixPrecision.TensorFloat32 }, 2e-3));
        Assert.Equal(0.1, Report([]).ShareOfPeak(product with { Precision = MatrixPrecision.Float32 }, 0.2)!.Value, 6);
    }

    [Fact]
    public void FailedCheck_FailsTheRun()
    {
        var failed = Report([]) with { Checks = [new CheckResult("Matrix", "Multiply", 1, "seed 3: too far\nat line 1"), new CheckResult("Matrix", "Linear", 1, null)] };
        Assert.False(failed.IsRight);
        Assert.Contains("2 checks, 1 failed", MarkdownReport.Write(failed), StringComparison.Ordinal);
        Assert.Contains("- Matrix Multiply: seed 3: too far\n", MarkdownReport.Write(failed), StringComparison.Ordinal);
    }

    private static RunReport Report(IReadOnlyList<CaseOutcome> cases) =>
        new("cuda:0", "a GPU", false, "PyTorch", DateTimeOffset.UnixEpoch, new Roof(Flops: 50e12, Bytes: 3e12), new Dictionary<string, double> { ["bf16"] = 1e15 }, [], cases);
}
