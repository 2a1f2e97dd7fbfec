using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Families;
using TorchSharp;

namespace TaaS.Benchmarks.Peers;

/// <summary>The example's training step by the peers.</summary>
internal static class TrainingStepPeers
{
    internal static IEnumerable<(string, IReadOnlyList<Contender>)> All => OperationCatalog.All(Scale.Processor)
        .Where(operation => operation.Group == TrainingStepOperations.Group)
        .Select(operation => (operation.FullName, (IReadOnlyList<Contender>)[new Contender(Library.LibTorch, operation.Work.Amount, _ => Torch(operation.Work.Images))]));

    private static Action Torch(int batch)
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
        var optimizer = torch.optim.SGD(model.parameters(), TrainingStepOperations.Rate, TrainingStepOperations.Momentum);
        var samples = LibTorch.Tensor(1, [batch, 1, 28, 28]);
        var labels = torch.arange(batch, torch.int64).remainder(10);
        return () =>
        {
            using var scope = torch.NewDisposeScope();
            optimizer.zero_grad();
            torch.nn.functional.cross_entropy(model.forward(samples), labels).backward();
            optimizer.step();
        };
    }
}
