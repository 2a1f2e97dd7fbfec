using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Families;
using TorchSharp;

namespace TaaS.Benchmarks.Peers;

/// <summary>Softmax over rows by the peers.</summary>
internal static class SoftmaxPeers
{
    private static readonly int[] X = [SoftmaxOperations.Size(Scale.Processor).Rows, SoftmaxOperations.Size(Scale.Processor).Classes];

    internal static IEnumerable<(string, IReadOnlyList<Contender>)> All =>
        OperationCatalog.All(Scale.Processor).Where(operation => operation.Key == $"{SoftmaxOperations.Group} forward").Select(operation => (operation.FullName, Of(operation)));

    private static IReadOnlyList<Contender> Of(Operation operation) =>
    [
        new Contender(Library.OnnxRuntime, operation.Work.Amount, Onnx),
        new Contender(Library.LibTorch, operation.Work.Amount, _ => Torch()),
    ];

    private static Action Onnx(int threads) => OnnxRuntime.Prepare(new OnnxModel("Softmax").Input("x", X).Output("y", X).Attribute("axis", 1), threads);

    private static Action Torch()
    {
        LibTorch.Require();
        var x = LibTorch.Tensor(1, X);
        return () => torch.nn.functional.softmax(x, 1).Dispose();
    }
}
