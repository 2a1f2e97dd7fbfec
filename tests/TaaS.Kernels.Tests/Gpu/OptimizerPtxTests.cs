using System.Reflection;
using TaaS.Kernels.Gpu;

namespace TaaS.Kernels.Tests.Gpu;

public sealed class OptimizerPtxTests : PtxConformance
{
    protected override IReadOnlyList<MethodInfo> Kernels => [.. Rules.SelectMany(rule => new[] { One(rule), Many(rule) })];

    [Fact]
    public void Updates_MoveSixteenBytesAnAccess()
    {
        foreach (var rule in Rules)
        {
            var slots = (int)rule.GetProperty(nameof(IUpdateRule.Slots))!.GetValue(null)!;
            AssertVectorAccess(One(rule), loads: 2 + slots, stores: 1 + slots);
            AssertVectorAccess(Many(rule), loads: 2 + slots, stores: 1 + slots);
        }
    }

    private static IEnumerable<Type> Rules => typeof(UpdateKernels).Assembly.GetTypes().Where(type => type.IsAssignableTo(typeof(IUpdateRule)) && type.IsValueType);

    private static MethodInfo One(Type rule) => Kernel(typeof(UpdateKernels), nameof(UpdateKernels.One), rule);

    private static MethodInfo Many(Type rule) => Kernel(typeof(UpdateKernels), nameof(UpdateKernels.Many), rule);
}
