using System.Reflection;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

public sealed class RandomPtxTests : PtxConformance
{
    protected override IReadOnlyList<MethodInfo> Kernels => [Draw(typeof(UniformDraw)), Draw(typeof(NormalDraw)), Draw(typeof(DropoutDraw))];

    [Fact]
    public void Draw_MovesSixteenBytesAnAccess()
    {
        AssertVectorAccess(Draw(typeof(UniformDraw)), loads: 0, stores: 1);
        AssertVectorAccess(Draw(typeof(NormalDraw)), loads: 0, stores: 1);
        AssertVectorAccess(Draw(typeof(DropoutDraw)), loads: 1, stores: 1);
    }

    private static MethodInfo Draw(Type draw) => Kernel(typeof(DrawKernels), nameof(DrawKernels.Draw), draw);
}
