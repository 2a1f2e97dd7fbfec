using System.Reflection;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

public sealed class PoolingPtxTests : PtxConformance
{
    protected override IReadOnlyList<MethodInfo> Kernels =>
    [
        .. Fusions.Select(fusion => Kernel(typeof(MaxPoolKernels), nameof(MaxPoolKernels.Forward), fusion)),
        .. Fusions.Select(fusion => Kernel(typeof(MaxPoolKernels), nameof(MaxPoolKernels.ForwardHalving), fusion)),
        .. Fusions.Select(fusion => Kernel(typeof(MaxPoolKernels), nameof(MaxPoolKernels.ForwardHalvingNarrow), fusion)),
        .. Fusions.Select(fusion => Kernel(typeof(MaxPoolGradientKernels), nameof(MaxPoolGradientKernels.Backward), fusion)),
        .. Fusions.Select(fusion => Kernel(typeof(MaxPoolGradientKernels), nameof(MaxPoolGradientKernels.BackwardHalvingNarrow), fusion)),
        .. Fusions.Select(fusion => Kernel(typeof(MaxPoolGradientKernels), nameof(MaxPoolGradientKernels.BackwardHalving), fusion)),
        Kernel(typeof(MaxPoolGradientKernels), nameof(MaxPoolGradientKernels.SumShares)),
        Kernel(typeof(AveragePoolKernels), nameof(AveragePoolKernels.Forward)),
        Kernel(typeof(AveragePoolKernels), nameof(AveragePoolKernels.ForwardLarge)),
        Kernel(typeof(AveragePoolKernels), nameof(AveragePoolKernels.Backward)),
        Kernel(typeof(AveragePoolKernels), nameof(AveragePoolKernels.ForwardHalving)),
        Kernel(typeof(AveragePoolKernels), nameof(AveragePoolKernels.BackwardHalving)),
    ];

    [Fact]
    public void Halving_MovesSixteenBytesAnAccess()
    {
        foreach (var fusion in Fusions)
        {
            AssertVectorAccess(Kernel(typeof(MaxPoolKernels), nameof(MaxPoolKernels.ForwardHalving), fusion), loads: 4, stores: 2);
            AssertVectorAccess(Kernel(typeof(MaxPoolGradientKernels), nameof(MaxPoolGradientKernels.BackwardHalving), fusion), loads: 2, stores: 4);
        }

        AssertVectorAccess(Kernel(typeof(AveragePoolKernels), nameof(AveragePoolKernels.ForwardHalving)), loads: 4, stores: 1);
        AssertVectorAccess(Kernel(typeof(AveragePoolKernels), nameof(AveragePoolKernels.BackwardHalving)), loads: 1, stores: 4);
    }

    [Fact]
    public void HalvingNarrow_MovesEightBytesAnAccess()
    {
        foreach (var ptx in Fusions.SelectMany(fusion => Ptx.Compile(Kernel(typeof(MaxPoolKernels), nameof(MaxPoolKernels.ForwardHalvingNarrow), fusion))))
        {
            Assert.Equal(2, ptx.Text.Split("ld.global.v2.f32").Length - 1);
        }

        foreach (var ptx in Fusions.SelectMany(fusion => Ptx.Compile(Kernel(typeof(MaxPoolGradientKernels), nameof(MaxPoolGradientKernels.BackwardHalvingNarrow), fusion))))
        {
            Assert.Equal(2, ptx.Text.Split("st.global.v2.f32").Length - 1);
        }
    }

    private static Type[] Fusions => [typeof(PlainPool), typeof(BiasReluPool)];
}
