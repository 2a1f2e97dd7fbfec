using System.Reflection;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

public sealed class ReductionPtxTests : PtxConformance
{
    private static readonly Type[] Folds = [typeof(SumFold), typeof(MaxFold)];
    private static readonly Type[] Sources = [typeof(CutQuadSource), typeof(SingleAccess)];

    protected override IReadOnlyList<MethodInfo> Kernels =>
    [
        .. Folds.SelectMany(fold => Sources.Select(source => Kernel(typeof(ReduceKernels), nameof(ReduceKernels.Rows), fold, typeof(WarpTeam), source))),
        .. Folds.SelectMany(fold => Sources.Select(source => Kernel(typeof(ReduceKernels), nameof(ReduceKernels.Rows), fold, typeof(GroupTeam), source))),
        .. Folds.Select(fold => Kernel(typeof(ReduceKernels), nameof(ReduceKernels.Columns), fold)),
        .. new[] { typeof(ThreadTeam), typeof(WarpTeam), typeof(GroupTeam) }.Select(team => Kernel(typeof(ArgMaxKernels), nameof(ArgMaxKernels.ArgMax), team)),
    ];

    [Theory]
    [InlineData(typeof(WarpTeam))]
    [InlineData(typeof(GroupTeam))]
    public void Rows_LoadTwoPacksOfSixteenBytes(Type team) =>
        AssertVectorAccess(Kernel(typeof(ReduceKernels), nameof(ReduceKernels.Rows), typeof(SumFold), team, typeof(CutQuadSource)), loads: 2, stores: 0);
}

/// <summary>The ways in which a kernel of rows is compiled.</summary>
internal static class Teams
{
    internal static Type[][] Variants =>
    [
        [typeof(WarpTeam), typeof(QuadAccess)],
        [typeof(WarpTeam), typeof(SingleAccess)],
        [typeof(GroupTeam), typeof(QuadAccess)],
        [typeof(GroupTeam), typeof(SingleAccess)],
    ];
}
