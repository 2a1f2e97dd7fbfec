using TaaS.Engine.Nn;
using TaaS.Engine.Optim;
using TaaS.Kernels;
using TaaS.Kernels.Gpu;
using TaaS.Kernels.Reference;

namespace TaaS.Engine.Tests.Autograd;

public sealed class ReplayedTrainingStepTests() : TrainingStepTests(ReferenceDevice.Instance);

/// <summary>The same code on memory that the host cannot read, by the kernels that GPUs run.</summary>
public sealed class GpuTrainingStepTests : TrainingStepTests, IDisposable
{
    public GpuTrainingStepTests()
        : base(GpuDevice.CreateEmulator())
    {
    }

    [Fact]
    public void Training_OnAGpu_GoesAsOnTheReference()
    {
        var reference = new ReplayedTrainingStepTests();
        Assert.All(reference.Losses(replay: true, out _).Zip(Losses(replay: true, out _)), pair => Assert.Equal(pair.First, pair.Second, 1e-4f));

        // Not the trained parameters: Adam makes full steps of a gradient that is 0 but for rounding, such as that of a bias before batch normalisation.
        var (expected, actual) = (reference.Gradients(lossScale: 1), Gradients(lossScale: 1));
        Assert.All(expected.Gradients.Zip(actual.Gradients).SelectMany(pair => pair.First.Zip(pair.Second)), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    public void Dispose() => ((GpuDevice)Device).Dispose();
}

public sealed class FrozenTrainingStepTests() : TrainingStepTests(new FreezingDevice())
{
    [Fact]
    public void Replay_FreezesAllButWhatVaries()
    {
        var (plain, updated) = (Frozen(optimized: false), Frozen(optimized: true));
        Assert.Equal(plain.Blocks, updated.Blocks);
        Assert.Equal(plain.Blocks.Count * 2, plain.Replays);

        // Ten parameters' gradients end at ten places at most, and dropout varies both ways.
        Assert.InRange(plain.Blocks.Count, 2, 13);
        Assert.InRange(plain.Blocks.Sum(), 20, 60);
    }

    private static FreezingDevice Frozen(bool optimized)
    {
        var tests = new FrozenTrainingStepTests();
        var model = tests.Model(new Generator(1));
        var optimizer = new Adam(model.NamedParameters(), 0.01f);
        var step = new TrainingStep(model.Forward, F.CrossEntropy, model.Parameters(), tests.Input(), Tensor.FromLabels([0, 3], tests.Device), optimized ? optimizer.Step : null);
        for (var run = 0; run < 3; run++)
        {
            step.Run();
        }

        return (FreezingDevice)tests.Device;
    }
}

/// <summary>A replayed step must be the step itself: same bits, no garbage.</summary>
public abstract class TrainingStepTests(Device device)
{
    protected Device Device { get; } = device;

    [Fact]
    public void Replay_GivesTheSameBitsAsEagerSteps()
    {
        var eager = Losses(replay: false, out var eagerState);
        var replayed = Losses(replay: true, out var replayedState);
        Assert.Equal(eager, replayed);
        foreach (var (name, value) in eagerState)
        {
            Assert.Equal(value, replayedState[name]);
        }

        Assert.Equal(eager.Length, eager.Distinct().Count());
    }

    [Fact]
    public void Replay_TellsOfEachGradientOnceItIsFinal_LastLayerFirst()
    {
        var model = Model(new Generator(1));
        Tensor[] parameters = [.. model.Parameters()];
        var step = new TrainingStep(model.Forward, F.CrossEntropy, parameters, Input(), Tensor.FromLabels([0, 3], Device));
        var atFirst = new List<int>();
        step.Run(atFirst.Add);
        var previous = parameters[0].Grad!.ToArray();
        Init.Normal(step.Samples, 0, 1, new Generator(10));

        var order = new List<int>();
        var told = new Dictionary<int, float[]>();
        var isFirstLayerStillToCome = false;
        step.Run(parameter =>
        {
            if (order.Count == 0)
            {
                isFirstLayerStillToCome = previous.AsSpan().SequenceEqual(parameters[0].Grad!.ToArray());
            }

            order.Add(parameter);
            told.Add(parameter, parameters[parameter].Grad!.ToArray());
        });

        Assert.Equal(atFirst, order);
        Assert.Equal(Enumerable.Range(0, parameters.Length), order.Order());
        Assert.True(isFirstLayerStillToCome, "the first gradient was told of only after the whole backward pass");
        Assert.True(order.IndexOf(parameters.Length - 2) < order.IndexOf(0));
        Assert.All(told, entry => Assert.Equal(parameters[entry.Key].Grad!.ToArray(), entry.Value));
    }

    [Fact]
    public void LossScale_PowerOfTwo_ChangesNoBitOfLossOrGradients()
    {
        var (plain, scaled) = (Gradients(lossScale: 1), Gradients(lossScale: 1024));
        Assert.Equal(plain.Loss, scaled.Loss);
        Assert.Equal(plain.Gradients, scaled.Gradients);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void LossScale_NotAPositiveNumber_IsRefused(float scale) =>
        Assert.Contains("loss scale", Assert.Throws<ArgumentOutOfRangeException>(() => Gradients(scale)).Message, StringComparison.Ordinal);

    [Fact]
    public void Schedule_ChangesAReplayedStep()
    {
        var model = Model(new Generator(1));
        var optimizer = new Sgd(model.NamedParameters(), 0.1f);
        var step = Step(model, optimizer);
        step.Run();
        optimizer.LearningRate = 1e-30f;
        var before = model.Parameters().Select(parameter => parameter.ToArray()).ToArray();
        step.Run();
        Assert.Equal(before, model.Parameters().Select(parameter => parameter.ToArray()));
    }

    [Fact]
    public void SequentialFusion_ChangesNoValue()
    {
        var generator = new Generator(5);
        var conv = new Conv2d(1, 3, 3, generator, Device, padding: 1);
        var linear = new Linear(12, 4, generator, Device);
        var x = Input();
        var fused = new Sequential(conv, new ReLU(), new MaxPool2d(2), new Flatten(), linear, new ReLU()).Forward(x);
        var plain = F.Relu(linear.Forward(new Flatten().Forward(F.MaxPool2d(F.Relu(conv.Forward(x)), new Pool2dGeometry(2, 2, 2, 2)))));
        Assert.All(plain.ToArray().Zip(fused.ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
    }

    internal (float Loss, float[][] Gradients) Gradients(float lossScale)
    {
        var model = Model(new Generator(1));
        Tensor[] parameters = [.. model.Parameters()];
        var step = new TrainingStep(model.Forward, F.CrossEntropy, parameters, Input(), Tensor.FromLabels([0, 3], Device), lossScale: lossScale);
        step.Run();
        step.Run();
        return (step.Loss, [.. parameters.Select(parameter => parameter.Grad!.ToArray())]);
    }

    internal float[] Losses(bool replay, out Dictionary<string, float[]> state)
    {
        var model = Model(new Generator(1));
        var optimizer = new Adam(model.NamedParameters(), 0.01f);
        var step = Step(model, optimizer);
        var losses = new float[5];
        for (var i = 0; i < losses.Length; i++)
        {
            if (replay)
            {
                step.Run();
                losses[i] = step.Loss;
            }
            else
            {
                optimizer.ZeroGrad();
                var loss = F.CrossEntropy(model.Forward(step.Samples), step.Labels);
                loss.Backward();
                optimizer.Step();
                losses[i] = loss.Item();
            }
        }

        state = model.State().ToDictionary(entry => entry.Key, entry => entry.Value.ToArray());
        return losses;
    }

    private TrainingStep Step(Module model, Optimizer optimizer) =>
        new(model.Forward, F.CrossEntropy, model.Parameters(), Input(), Tensor.FromLabels([0, 3], Device), optimizer.Step);

    protected Tensor Input()
    {
        var x = Tensor.Empty(new Shape(2, 1, 4, 4), Device);
        return Init.Normal(x, 0, 1, new Generator(9));
    }

    protected Sequential Model(Generator generator) => new(
        new Conv2d(1, 3, 3, generator, Device, padding: 1), new BatchNorm2d(3, Device), new ReLU(), new MaxPool2d(2), new Flatten(),
        new Dropout(0.2f, generator), new Linear(12, 8, generator, Device), new ReLU(), new LayerNorm(8, Device), new Linear(8, 4, generator, Device));
}
