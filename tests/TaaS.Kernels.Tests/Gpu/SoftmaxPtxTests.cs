using System.Reflection;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

public sealed class SoftmaxPtxTests : PtxConformance
{
    private static readonly Type[] Outputs = [typeof(SoftmaxOutput), typeof(LogSoftmaxOutput), typeof(CrossEntropyOutput)];
    private static readonly Type[] Gradients = [typeof(SoftmaxGradient), typeof(LogSoftmaxGradient)];

    protected override IReadOnlyList<MethodInfo> Kernels =>
    [
        .. Teams.Variants.SelectMany(variant => Outputs.Select(output => Kernel(typeof(SoftmaxKernels), nameof(SoftmaxKernels.Forward), [output, .. variant]))),
        .. Outputs.Select(output => Kernel(typeof(SoftmaxKernels), nameof(SoftmaxKernels.Forward), output, typeof(ThreadTeam), typeof(SingleAccess))),
        .. Gradients.Select(gradient => Kernel(typeof(SoftmaxKernels), nameof(SoftmaxKernels.Backward), gradient, typeof(ThreadTeam), typeof(SingleAccess))),
        .. Teams.Variants.SelectMany(variant => Gradients.Select(gradient => Kernel(typeof(SoftmaxKernels), nameof(SoftmaxKernels.Backward), [gradient, .. variant]))),
    ];

    [Theory]
    [InlineData(typeof(WarpTeam))]
    [InlineData(typeof(GroupTeam))]
    public void HeldPacks_MoveSixteenBytesAnAccess(Type team)
    {
        foreach (var output in Outputs)
        {
            AssertVectorAccess(Kernel(typeof(SoftmaxKernels), nameof(SoftmaxKernels.Forward), output, team, typeof(QuadAccess)), loads: 4, stores: 4);
        }

        foreach (var gradient in Gradients)
        {
            AssertVectorAccess(Kernel(typeof(SoftmaxKernels), nameof(SoftmaxKernels.Backward), gradient, team, typeof(QuadAccess)), loads: 8, stores: 4);
        }
    }
}
