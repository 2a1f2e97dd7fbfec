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

    [Theory]
    [MemberData(nameof(Rules))]
    public void Update_WholeModel_MatchesReference(string name)
    {
        var random = new Random(1);
        var lengths = new[] { 7, 0, 9_001, 1, 64, 4096, 4098 };
        var model = lengths.Select(length => Draw(random, length, from: 0)).Append(Draw(random, 30, from: 3)).ToArray();
        var (reference, device) = (new UpdateList([.. model.Select(entry => entry.Reference)]), new UpdateList([.. model.Select(entry => entry.Device)]));
        for (var step = 1; step <= 2; step++)
        {
            Reference.Optimizer.Update(reference, Rule(name, step));
            Device.Optimizer.Update(device, Rule(name, step));
        }

        foreach (var (expected, actual) in model)
        {
            AssertClose((expected.Parameter, actual.Parameter), Exact);
            AssertClose((expected.First!.Value, actual.First!.Value), Exact);
            AssertClose((expected.Second!.Value, actual.Second!.Value), Exact);
        }
    }

    [Fact]
    public void Update_SameParameterTwice_UpdatesItInTurn()
    {
        var (reference, device) = Draw(new Random(1), 5000, from: 0);
        Reference.Optimizer.Update(new UpdateList(reference, reference), Rule("momentum", 1));
        Device.Optimizer.Update(new UpdateList(device, device), Rule("momentum", 1));
        AssertClose((reference.Parameter, device.Parameter), Exact);
        AssertClose((reference.First!.Value, device.First!.Value), Exact);
    }

    [Fact]
    public void Update_WithoutASlotOfTheRule_Throws()
    {
        var update = Draw(new Random(1), 5, from: 0).Device;
        var incomplete = new UpdateList(Draw(new Random(2), 5, from: 0).Device, update with { Second = null });
        Assert.Throws<InvalidOperationException>(() => Device.Optimizer.Update(incomplete, Rule("adam", 1)));
    }

    public static TheoryData<string> Rules => ["plain", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad"];

    private static UpdateRule Rule(string name, long step) => name switch
    {
        "plain" => UpdateRule.Sgd(0.1f, 0, 0.01f, nesterov: false),
        "momentum" => UpdateRule.Sgd(0.1f, 0.9f, 0.01f, nesterov: false),
        "nesterov" => UpdateRule.Sgd(0.1f, 0.9f, 0.01f, nesterov: true),
        "adam" => UpdateRule.Adam(step, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, decoupled: false),
        "adamw" => UpdateRule.Adam(step, 0.01f, 0.9f, 0.999f, 1e-8f, 0.01f, decoupled: true),
        "rmsprop" => UpdateRule.RmsProp(0.01f, 0.9f, 1e-6f, 0.01f),
        _ => UpdateRule.AdaGrad(0.01f, 1e-6f, 0.01f),
    };

    /// <summary>The same update on the reference and on the device, in the middle of its buffers.</summary>
    private (ParameterUpdate Reference, ParameterUpdate Device) Draw(Random random, int length, int from)
    {
        var buffer = new Shape(length + 2 * from);
        var (w, g, first, second) = (Pair(random, buffer), Pair(random, buffer), Pair(random, buffer, scale: 0), Pair(random, buffer, scale: 0));
        View Part(View view) => new(view.Buffer, new Shape(length), new Strides(1), from);
        return (
            new ParameterUpdate(Part(w.Reference), Part(g.Reference), Part(first.Reference), Part(second.Reference)),
            new ParameterUpdate(Part(w.Device), Part(g.Device), Part(first.Device), Part(second.Device)));
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
