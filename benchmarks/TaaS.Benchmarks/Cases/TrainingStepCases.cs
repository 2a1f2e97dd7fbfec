using TaaS.Benchmarks.Peers;
using TaaS.Engine;
using TaaS.Engine.Optim;
using TaaS.Kernels;
using TaaS.Kernels.Cpu;
using TaaS.Runtime.Programs;
using TorchSharp;

namespace TaaS.Benchmarks.Cases;

/// <summary>One whole step of the example: conv5x5(1→32)-relu-pool-conv5x5(32→64)-relu-pool-fc512-relu-fc10, cross-entropy, SGD with momentum, batch 64.</summary>
internal static class TrainingStepCases
{
    internal const string Group = "training-step";

    private const int Batch = 64;
    private const float Rate = 0.001f;
    private const float Momentum = 0.9f;

    internal static IEnumerable<Workload> All =>
    [
        new Workload(Group, "fashion-mnist cnn, batch 64", WorkUnit.Image,
        [
            new Contender(Library.TaaS, Batch, _ => Ours()),
            new Contender(Library.LibTorch, Batch, _ => Torch()),
        ]),
    ];

    private static Action Ours()
    {
        var device = CpuDevice.Instance;
        var model = new FashionMnistProgram().CreateModel(new Generator(1), device);
        var optimizer = new Sgd(model.NamedParameters(), Rate, Momentum);
        var step = new TrainingStep(
            model.Forward,
            F.CrossEntropy,
            model.NamedParameters().Select(parameter => parameter.Value),
            Tensor.Empty(new Shape(Batch, 1, 28, 28), device),
            Tensor.Empty(new Shape(Batch), device, DType.Int32),
            optimizer.Step);
        Data.Values(step.Samples.View.Elements).CopyTo(step.Samples.View.Floats);
        for (var i = 0; i < Batch; i++)
        {
            step.Labels.View.Ints[i] = i % 10;
        }

        return () => step.Run();
    }

    private static Action Torch()
    {
        LibTorch.Require();
        var model = torch.nn.Sequential(
            torch.nn.Conv2d(1, 32, 5, padding: 2),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Conv2d(32, 64, 5, padding: 2),
            torch.nn.ReLU(),
            torch.nn.MaxPool2d(2),
            torch.nn.Flatten(),
            torch.nn.Linear(64 * 7 * 7, 512),
            torch.nn.ReLU(),
            torch.nn.Linear(512, 10));
        var optimizer = torch.optim.SGD(model.parameters(), Rate, Momentum);
        var samples = LibTorch.Tensor(1, [Batch, 1, 28, 28]);
        var labels = torch.arange(Batch, torch.int64).remainder(10);
        return () =>
        {
            using var scope = torch.NewDisposeScope();
            optimizer.zero_grad();
            torch.nn.functional.cross_entropy(model.forward(samples), labels).backward();
            optimizer.step();
        };
    }
}
