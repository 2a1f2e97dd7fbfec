using System.Reflection;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

public sealed class NormalizationPtxTests : PtxConformance
{
    private static readonly Type[] Accesses = [typeof(QuadAccess), typeof(SingleAccess)];

    protected override IReadOnlyList<MethodInfo> Kernels =>
    [
        .. Accesses.Select(access => Batch(nameof(BatchKernels.Moments), access)),
        .. Accesses.Select(access => Batch(nameof(BatchKernels.Normalize), access)),
        .. Accesses.Select(access => Batch(nameof(BatchKernels.Inference), access)),
        .. Accesses.Select(access => Batch(nameof(BatchKernels.Sums), access)),
        .. Accesses.Select(access => Batch(nameof(BatchKernels.Gradients), access)),
        .. Teams.Variants.Select(variant => Layer(nameof(LayerKernels.Forward), variant)),
        .. Teams.Variants.Select(variant => Layer(nameof(LayerKernels.Backward), variant)),
        Kernel(typeof(LayerParameterKernels), nameof(LayerParameterKernels.Columns), typeof(LayerParameterTerms)),
        Kernel(typeof(LayerParameterKernels), nameof(LayerParameterKernels.Columns), typeof(LayerPartialTerms)),
    ];

    [Theory]
    [InlineData(nameof(BatchKernels.Moments), 1, 1)]
    [InlineData(nameof(BatchKernels.Normalize), 2, 1)]
    [InlineData(nameof(BatchKernels.Inference), 1, 1)]
    [InlineData(nameof(BatchKernels.Sums), 2, 0)]
    [InlineData(nameof(BatchKernels.Gradients), 2, 1)]
    public void Batch_MovesSixteenBytesAnAccess(string kernel, int loads, int stores) => AssertVectorAccess(Batch(kernel, typeof(QuadAccess)), loads, stores);

    [Theory]
    [InlineData(typeof(WarpTeam))]
    [InlineData(typeof(GroupTeam))]
    public void Layer_MovesSixteenBytesAnAccess(Type team)
    {
        AssertVectorAccess(Layer(nameof(LayerKernels.Forward), team, typeof(QuadAccess)), loads: 4 + 8, stores: 4);
        AssertVectorAccess(Layer(nameof(LayerKernels.Backward), team, typeof(QuadAccess)), loads: 12, stores: 4);
    }

    private static MethodInfo Batch(string name, Type access) => Kernel(typeof(BatchKernels), name, access);

    private static MethodInfo Layer(string name, params Type[] variant) => Kernel(typeof(LayerKernels), name, variant);
}
