using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Gpu;
using TaaS.Runtime.ParameterServer;

namespace TaaS.Runtime.Tests.ParameterServer;

/// <summary>A model whose memory the host cannot read trains with a store to the same bits as one in host memory.</summary>
public sealed class StagedParameterStoreTests
{
    private static readonly ParameterInfo[] Model = [new("weight", [3, 5]), new("bias", [3])];

    [Fact]
    public void Exchange_OnADevice_MatchesTheHost()
    {
        using var emulator = GpuDevice.CreateEmulator();
        var layout = ParameterLayout.Create(Model, servers: 1);
        var optimizer = new OptimizerSettings { Name = "adam", LearningRate = 0.1f };
        View[] host = Memory(CpuDevice.Instance), device = Memory(emulator);
        using var plain = new LocalParameterStore(layout, host, optimizer);
        using var staged = new StagedParameterStore(device, values => new LocalParameterStore(layout, values, optimizer));
        foreach (var store in new IParameterStore[] { plain, staged })
        {
            store.Initialize(Start());
            Assert.Equal(7, store.Pull());
        }

        for (var step = 7; step < 10; step++)
        {
            View[] gradients = Memory(CpuDevice.Instance, step), gradientsThere = Memory(emulator, step);
            plain.Begin(step, gradients);
            plain.Complete();
            staged.Begin(step, gradientsThere);

            // One is pushed early, the other is left for the end.
            staged.Push(1);
            staged.Complete();
            Assert.Equal(host.Select(Values), device.Select(Values));
        }

        var (expected, actual) = (plain.Snapshot(10)!, staged.Snapshot(10)!);
        Assert.Equal(
            expected.Parts.SelectMany(parts => parts).SelectMany(part => part.Floats.ToArray()),
            actual.Parts.SelectMany(parts => parts).SelectMany(part => part.Floats.ToArray()));
    }

    private static ParameterState Start()
    {
        var state = ParameterState.Allocate(Model, slots: 2) with { Step = 7 };
        for (var parameter = 0; parameter < Model.Length; parameter++)
        {
            state.Parts[parameter][0].Floats.Fill(parameter + 0.5f);
        }

        return state;
    }

    private static View[] Memory(Device device, int seed = 0)
    {
        var random = new Random(seed);
        return [.. Model.Select(parameter =>
        {
            var view = new View(device.Allocate(DType.Float32, parameter.Elements), new Shape([.. parameter.Shape]));
            view.Upload(Enumerable.Range(0, parameter.Elements).Select(_ => random.NextSingle() - 0.5f).ToArray());
            return view;
        })];
    }

    private static float[] Values(View view)
    {
        var values = new float[view.Elements];
        view.Download(values);
        return values;
    }
}
