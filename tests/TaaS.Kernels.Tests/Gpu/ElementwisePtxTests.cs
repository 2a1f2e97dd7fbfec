using System.Reflection;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

public sealed class ElementwisePtxTests : PtxConformance
{
    protected override IReadOnlyList<MethodInfo> Kernels =>
    [
        .. Functions.Select(function => Kernel(typeof(MapKernels), nameof(MapKernels.Contiguous), function)),
        .. Functions.Select(function => Kernel(typeof(MapKernels), nameof(MapKernels.Wide), function)),
        .. Functions.Select(function => Kernel(typeof(MapKernels), nameof(MapKernels.Strided), function)),
        Kernel(typeof(MapKernels), nameof(MapKernels.CopyStrided)),
        Kernel(typeof(MapKernels), nameof(MapKernels.CopyWide)),
        Kernel(typeof(MapKernels), nameof(MapKernels.OneHot)),
        Kernel(typeof(TransposeKernels), nameof(TransposeKernels.Transpose), typeof(WarpTile)),
        Kernel(typeof(TransposeKernels), nameof(TransposeKernels.Transpose), typeof(SmallTile)),
    ];

    [Fact]
    public void Contiguous_MovesSixteenBytesAnAccess()
    {
        AssertVectorAccess(Kernel(typeof(MapKernels), nameof(MapKernels.Contiguous), typeof(AddFunction)), loads: 2, stores: 1);
        AssertVectorAccess(Kernel(typeof(MapKernels), nameof(MapKernels.Contiguous), typeof(ReluFunction)), loads: 1, stores: 1);
        AssertVectorAccess(Kernel(typeof(MapKernels), nameof(MapKernels.Contiguous), typeof(FillFunction)), loads: 0, stores: 1);
    }

    [Fact]
    public void Wide_MovesSixteenBytesAnAccessToo()
    {
        AssertVectorAccess(Kernel(typeof(MapKernels), nameof(MapKernels.Wide), typeof(AddFunction)), loads: 2, stores: 1);
        AssertVectorAccess(Kernel(typeof(MapKernels), nameof(MapKernels.Wide), typeof(ReluFunction)), loads: 1, stores: 1);
        AssertVectorAccess(Kernel(typeof(MapKernels), nameof(MapKernels.CopyWide)), loads: 1, stores: 1);
    }

    private static IEnumerable<Type> Functions => typeof(MapKernels).Assembly.GetTypes()
        .Where(type => type.IsAssignableTo(typeof(IMapFunction)) && type.IsValueType)
        .Select(type => type.IsGenericTypeDefinition ? type.MakeGenericType(typeof(PowerFunction)) : type);
}
