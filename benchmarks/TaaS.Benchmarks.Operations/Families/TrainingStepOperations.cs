using TaaS.Engine;
using TaaS.Engine.Nn;
using TaaS.Engine.Optim;
using TaaS.Kernels;
using TaaS.Runtime.Programs;

namespace TaaS.Benchmarks.Operations.Families;

/// <summary>One whole step of the example: conv5x5(1→32)-relu-pool-conv5x5(32→64)-relu-pool-fc512-relu-fc10, cross-entropy, SGD with momentum.</summary>
public static class TrainingStepOperations
{
    /// <summary>Name of the family.</summary>
    public const string Group = "training-step";

    /// <summary>Step size of the update.</summary>
    public const float Rate = 0.001f;

    /// <summary>Momentum of the update.</summary>
    public const float Momentum = 0.9f;

    private const int Classes = 10;

    // Multiply-adds of one image: the four layers, three ways each, but the first layer without a gradient of its input.
    private const double MultiplyAdds = 2.0 * 32 * 784 * 25 + 3.0 * (64.0 * 196 * 800 + 512 * 3136 + 10 * 512);

    // Floats of one image that a step moves: activations and their gradients, written once and read once each way.
    private const double ActivationFloats = 4.0 * (32 * 784 + 32 * 196 + 64 * 196 + 64 * 49 + 512 + 10);

    // Parameters: read both ways, gradient written and read, velocity and parameter read and written.
    private const double ParameterFloats = 8.0 * 1_663_370;

    /// <summary>Batch sizes at a scale.</summary>
    public static int[] Batches(Scale scale) => scale switch { Scale.Processor => [64], Scale.Gpu => [64, 1024], _ => [2] };

    internal static IEnumerable<Operation> All(Scale scale) => Batches(scale).Select(batch => scale == Scale.Tiny
        ? Case("tiny cnn", batch, 8, TinyModel, new Work(WorkUnit.Image, batch * 2.0 * 3 * (4 * 64 * 9 + 10 * 64), batch * 4.0 * 1024, batch))
        : Case("fashion-mnist cnn", batch, 28, device => new FashionMnistProgram().CreateModel(new Generator(1), device), Amount(batch)));

    private static Work Amount(int batch) => new(WorkUnit.Image, 2 * MultiplyAdds * batch, 4 * (ActivationFloats * batch + ParameterFloats), batch);

    private static Operation Case(string name, int batch, int side, Func<Device, Module> create, Work work) => new(Group, name, $"batch {batch}", [batch], work, device =>
    {
        var model = create(device);
        Tensor[] parameters = [.. model.NamedParameters().Select(parameter => parameter.Value)];
        var optimizer = new Sgd(model.NamedParameters(), Rate, Momentum);
        var step = new TrainingStep(
            model.Forward,
            F.CrossEntropy,
            parameters,
            Tensor.Empty(new Shape(batch, 1, side, side), device),
            Tensor.Empty(new Shape(batch), device, DType.Int32),
            optimizer.Step);
        step.Samples.View.Upload(Inputs.Values(step.Samples.View.Elements, 1));
        step.Labels.View.Upload([.. Enumerable.Range(0, batch).Select(i => i % Classes)]);

        // The first run records the step and chooses the buffers of the gradients.
        step.Run();
        return new Prepared(() => step.Run(), [.. parameters.Select(parameter => parameter.Grad!.View)]);
    })
    {
        // Where two values of a window are nearly equal, another rounding sends the gradient to another place.
        Tolerance = 5e-3,
    };

    private static Sequential TinyModel(Device device)
    {
        var generator = new Generator(1);
        return new Sequential(new Conv2d(1, 4, 3, generator, device, padding: 1), new ReLU(), new MaxPool2d(2), new Flatten(), new Linear(64, Classes, generator, device));
    }
}
