using TaaS.Engine;
using TaaS.Engine.Data;
using TaaS.Engine.Nn;
using TaaS.Kernels;

namespace TaaS.Runtime.Programs;

/// <summary>
/// A small CNN on Fashion-MNIST (Xiao et al. 2017, arXiv:1708.07747):
/// conv5x5(1→32)-relu-pool2-conv5x5(32→64)-relu-pool2-fc512-relu-fc10, 1.66 M parameters.
/// </summary>
public sealed class FashionMnistProgram : ITrainingProgram
{
    // Of the training images' pixels, scaled to 0..1.
    private const float Mean = 0.2860f;
    private const float Deviation = 0.3530f;

    /// <inheritdoc/>
    public string Name => "fashion-mnist";

    /// <inheritdoc/>
    public Module CreateModel(Generator generator, Device device)
    {
        var model = new Sequential(
            new Conv2d(1, 32, 5, generator, device, padding: 2),
            new ReLU(),
            new MaxPool2d(2),
            new Conv2d(32, 64, 5, generator, device, padding: 2),
            new ReLU(),
            new MaxPool2d(2),
            new Flatten(),
            new Linear(64 * 7 * 7, 512, generator, device),
            new ReLU(),
            new Linear(512, 10, generator, device));
        InitializeHidden(model, generator);
        return model;
    }

    /// <inheritdoc/>
    public IDataset OpenTrain(string path) => IdxDataset.Open(path, "train", mean: Mean, deviation: Deviation);

    /// <inheritdoc/>
    public IDataset OpenTest(string path) => IdxDataset.Open(path, "t10k", mean: Mean, deviation: Deviation);

    /// <summary>
    /// Layers before a relu keep the signal's size (He et al. 2015, arXiv:1502.01852), so that one epoch gets far;
    /// the last layer stays small, so that no class is favoured at the start.
    /// </summary>
    private static void InitializeHidden(Module model, Generator generator)
    {
        (string Name, Tensor Value)[] parameters = [.. model.NamedParameters()];
        foreach (var (name, value) in parameters[..^2])
        {
            _ = name.EndsWith("weight", StringComparison.Ordinal) ? Init.KaimingUniform(value, generator) : Init.Uniform(value, 0, 0, generator);
        }
    }
}
