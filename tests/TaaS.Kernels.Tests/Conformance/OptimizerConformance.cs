using TaaS.Kernels.Cpu;

namespace TaaS.Kernels.Tests.Conformance;

public sealed class CpuOptimizerConformance() : OptimizerConformance(CpuDevice.Instance);

public abstract class OptimizerConformance(Device device) : KernelConformance(device)
{
    [Theory]
    [InlineData(0, false)]
    [InlineData(0.9, false)]
    [InlineData(0.9, true)]
    public void Sgd_SeveralSteps_MatchesReference(float momentum, bool nesterov) => Compare(1, (kernels, w, g, slots, _) =>
        kernels.Sgd(w, g, momentum == 0 ? null : slots[0], 0.1f, momentum, 0.01f, nesterov));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Adam_SeveralSteps_MatchesReference(bool decoupled) => Compare(2, (kernels, w, g, slots, step) =>
        kernels.Adam(w, g, slots[0], slots[1], step, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, decoupled));

    [Fact]
    public void RmsPropAndAdaGrad_SeveralSteps_MatchReference()
    {
        Compare(1, (kernels, w, g, slots, _) => kernels.RmsProp(w, g, slots[0], 0.01f, 0.9f, 1e-6f, 0.01f));
        Compare(1, (kernels, w, g, slots, _) => kernels.AdaGrad(w, g, slots[0], 0.01f, 1e-6f, 0.01f));
    }

    private void Compare(int slotCount, Action<IOptimizerKernels, View, View, View[], long> update) => ForSeeds(20, random =>
    {
        var shape = new Shape(random.Next(4) == 0 ? random.Next(70_000) : random.Next(100));
        var w = Pair(random, shape);
        var slots = Enumerable.Range(0, slotCount).Select(_ => Pair(random, shape, scale: 0)).ToArray();
        for (var step = 1; step <= 3; step++)
        {
            var g = Pair(random, shape);
            update(Reference.Optimizer, w.Reference, g.Reference, [.. slots.Select(slot => slot.Reference)], step);
            update(Device.Optimizer, w.Device, g.Device, [.. slots.Select(slot => slot.Device)], step);
        }

        AssertClose(w, Exact);
        Assert.All(slots, slot => AssertClose(slot, Exact));
    });
}
