using TaaS.Engine.Optim;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Reference;

namespace TaaS.Engine.Tests.Optim;

/// <summary>A model's parameters are updated together: as if one by one, but by one launch, with the settings of each step.</summary>
public sealed class OptimizerTests
{
    private static readonly Shape[] Shapes = [new(3, 5), new(5), new(40, 33), new(1)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_OnTheProcessor_GivesTheBitsOfOneUpdateAfterTheOther(string name)
    {
        var together = Model(CpuDevice.Instance);
        var optimizer = Make(name, together);
        var alone = Model(CpuDevice.Instance);
        var optimizers = Array.ConvertAll(alone, parameter => Make(name, [parameter]));
        for (var step = 0; step < 3; step++)
        {
            optimizer.Step();
            Array.ForEach(optimizers, one => one.Step());
        }

        Assert.Equal(Values(alone), Values(together));
        Assert.NotEqual(Values(Model(CpuDevice.Instance)), Values(together));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void RecordedStep_IsOneLaunch_ThatReadsRateAndStepWhenItRuns(string name)
    {
        var eager = Model(CpuDevice.Instance);
        var eagerly = Make(name, eager);
        var replayed = Model(CpuDevice.Instance);
        var recorded = Make(name, replayed);
        eagerly.Step();
        var launches = Launcher.Record(recorded.Step);
        for (var step = 1; step < 4; step++)
        {
            eagerly.LearningRate = recorded.LearningRate = 0.1f / step;
            eagerly.Step();
            Array.ForEach(launches, launch => launch.Run());
        }

        Assert.Equal(2, launches.Length);
        Assert.All(launches, launch => Assert.True(launch.Varies));
        Assert.Equal(Values(eager), Values(replayed));
        Assert.Equal(4, recorded.StepCount);
    }

    [Fact]
    public void ReplayedStep_AllocatesNothing()
    {
        var launches = Launcher.Record(Make("adam", Model(CpuDevice.Instance)).Step);
        Assert.Equal(0, SteadyState.AllocatedBytes(() => Array.ForEach(launches, static launch => launch.Run())));
    }

    [Fact]
    public void Step_AfterGradientsMoved_UsesTheNewOnes()
    {
        var model = Model(ReferenceDevice.Instance);
        var optimizer = new Sgd(model, 1);
        optimizer.Step();
        var before = Values(model);
        model[1].Value.Grad = Tensor.Full(Shapes[1], 2, ReferenceDevice.Instance);
        model[2].Value.Grad = null;
        optimizer.Step();
        Assert.All(before[1].Zip(model[1].Value.ToArray()), pair => Assert.Equal(pair.First - 2, pair.Second));
        Assert.Equal(before[2], model[2].Value.ToArray());
        optimizer.ZeroGrad();
        before = Values(model);
        optimizer.Step();
        Assert.Equal(before, Values(model));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Step_OnAGpu_MatchesTheReference(string name)
    {
        using var device = GpuDevice.CreateEmulator();
        var (expected, actual) = (Model(ReferenceDevice.Instance), Model(device));
        var (reference, gpu) = (Make(name, expected), Make(name, actual));
        reference.Step();
        var launches = Launcher.Record(gpu.Step);
        reference.LearningRate = gpu.LearningRate = 0.01f;
        reference.Step();
        Array.ForEach(launches, launch => launch.Run());
        foreach (var (parameter, values) in actual.Zip(Values(expected)))
        {
            var read = new float[values.Length];
            parameter.Value.View.Download(read);
            Assert.All(values.Zip(read), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        }
    }

    public static TheoryData<string> Names => ["sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop", "adagrad"];

    private static Optimizer Make(string name, params (string Name, Tensor Value)[] model) => name switch
    {
        "sgd" => new Sgd(model, 0.1f, weightDecay: 0.01f),
        "momentum" => new Sgd(model, 0.1f, 0.9f),
        "nesterov" => new Sgd(model, 0.1f, 0.9f, nesterov: true),
        "adam" => new Adam(model, 0.1f, weightDecay: 0.01f),
        "adamw" => new AdamW(model, 0.1f),
        "rmsprop" => new RmsProp(model, 0.1f),
        _ => new AdaGrad(model, 0.1f),
    };

    /// <summary>Parameters with gradients, the same on every device.</summary>
    private static (string Name, Tensor Value)[] Model(Device device)
    {
        var random = new Random(1);
        return [.. Shapes.Select((shape, i) =>
        {
            var (value, gradient) = (Draw(shape), Draw(shape));
            value.RequiresGrad = true;
            value.Grad = gradient;
            return ($"parameter{i}", value);
        })];

        Tensor Draw(Shape shape)
        {
            var tensor = Tensor.Empty(shape, device);
            tensor.View.Upload([.. Enumerable.Range(0, (int)shape.Elements).Select(_ => random.NextSingle() - 0.5f)]);
            return tensor;
        }
    }

    private static float[][] Values((string Name, Tensor Value)[] model) => [.. model.Select(parameter => parameter.Value.ToArray())];
}
