using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Timing;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Reference;

namespace TaaS.Benchmarks.Gpu.Tests;

/// <summary>A case that measures something else than its name, or a wrong kernel that gets a time, makes every table a lie.</summary>
public sealed class OperationTests
{
    public static TheoryData<string> Tiny => [.. OperationCatalog.All(Scale.Tiny).Where(operation => operation.Precision == MatrixPrecision.Float32).Select(operation => operation.FullName)];

    [Theory]
    [InlineData(Scale.Processor)]
    [InlineData(Scale.Gpu)]
    [InlineData(Scale.Tiny)]
    public void Catalog_EveryCase_HasItsOwnNameAndPlaceOnARoofline(Scale scale)
    {
        var all = OperationCatalog.All(scale);
        Assert.Equal(all.Count, all.Select(operation => operation.FullName).Distinct().Count());
        Assert.All(all, operation => Assert.True(operation.Work is { Flops: > 0, Bytes: > 0, Amount: > 0 }, operation.FullName));
    }

    [Fact]
    public void Catalog_EveryFamilyOfADevice_IsMeasured()
    {
        var groups = OperationCatalog.All(Scale.Gpu).Select(operation => operation.Group).Distinct().ToArray();
        Assert.Equal(
            ["gemm", "conv2d", "pool2d", "vector-add", "elementwise", "activation", "reduction", "softmax", "normalization", "random", "optimizer", "training-step"],
            groups);
    }

    [Theory]
    [MemberData(nameof(Tiny))]
    public void Operation_OnTheProcessor_MatchesReference(string name)
    {
        var operation = OperationCatalog.All(Scale.Tiny).Single(operation => operation.FullName == name);
        Assert.Null(Verification.Check(operation, operation.Prepare(CpuDevice.Instance), CpuDevice.Instance, ReferenceDevice.Instance));
    }

    [Theory]
    [InlineData(1e-3f)]
    [InlineData(float.NaN)]
    public void Check_ResultThatDiffers_SaysWhere(float error)
    {
        var operation = OperationCatalog.All(Scale.Tiny).First(operation => operation.Group == "vector-add");
        var right = operation.Prepare(CpuDevice.Instance);
        var wrong = right with
        {
            Run = () =>
            {
                right.Run();
                right.Results[0].Floats[7] += error;
            },
        };
        Assert.Contains("relative error norm", Verification.Check(operation, wrong, CpuDevice.Instance, ReferenceDevice.Instance), StringComparison.Ordinal);
    }

    [Fact]
    public void Check_PositionThatDiffers_SaysWhere()
    {
        var operation = OperationCatalog.All(Scale.Tiny).Single(operation => operation.Name == "argmax-rows");
        var right = operation.Prepare(CpuDevice.Instance);
        var wrong = right with
        {
            Run = () =>
            {
                right.Run();
                right.Results[0].Ints[3] = 100;
            },
        };
        Assert.Contains("element 3 is 100", Verification.Check(operation, wrong, CpuDevice.Instance, ReferenceDevice.Instance), StringComparison.Ordinal);
    }

    [Fact]
    public void Rotation_LeavesNoOperandInACache()
    {
        foreach (var operation in OperationCatalog.All(Scale.Gpu).Where(operation => operation.Work.Unit == WorkUnit.Byte && operation.Work.Bytes >= 8 << 20))
        {
            Assert.True(operation.Work.Bytes * Rotation.Copies(operation, Scale.Gpu) >= 200 << 20, operation.FullName);
        }

        var calls = new int[3];
        var turn = Rotation.InTurn([() => calls[0]++, () => calls[1]++, () => calls[2]++]);
        for (var i = 0; i < 7; i++)
        {
            turn();
        }

        Assert.Equal([3, 2, 2], calls);
    }
}
