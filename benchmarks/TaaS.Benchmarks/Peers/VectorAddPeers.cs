using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Families;
using TorchSharp;

namespace TaaS.Benchmarks.Peers;

/// <summary>c = a + b by the peers.</summary>
internal static class VectorAddPeers
{
    private static readonly int Count = VectorAddOperations.Count(Scale.Processor);

    internal static IEnumerable<(string, IReadOnlyList<Contender>)> All =>
        OperationCatalog.All(Scale.Processor).Where(operation => operation.Group == VectorAddOperations.Group).Select(operation => (operation.FullName, Of(operation)));

    private static IReadOnlyList<Contender> Of(Operation operation) =>
    [
        new Contender(Library.OnnxRuntime, operation.Work.Amount, Onnx),
        new Contender(Library.LibTorch, operation.Work.Amount, _ => Torch()),
    ];

    private static Action Onnx(int threads) =>
        OnnxRuntime.Prepare(new OnnxModel("Add").Input("a", [Count]).Input("b", [Count]).Output("c", [Count]), threads);

    private static Action Torch()
    {
        LibTorch.Require();
        torch.Tensor a = LibTorch.Tensor(1, [Count]), b = LibTorch.Tensor(2, [Count]);

        // In place: a result of its own would cost fresh pages each time, and TorchSharp has no other way to avoid one.
        return () => a.add_(b);
    }
}
