using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Families;
using TorchSharp;

namespace TaaS.Benchmarks.Peers;

/// <summary>2×2 max pooling by the peers.</summary>
internal static class PoolingPeers
{
    private static readonly int[] X = PoolingOperations.Input(Scale.Processor);
    private static readonly int[] Y = [X[0], X[1], X[2] / 2, X[3] / 2];

    internal static IEnumerable<(string, IReadOnlyList<Contender>)> All
    {
        get
        {
            foreach (var operation in OperationCatalog.All(Scale.Processor).Where(operation => operation.Group == PoolingOperations.Group))
            {
                if (operation.Name == "max forward")
                {
                    yield return (operation.FullName,
                    [
                        new Contender(Library.OnnxRuntime, operation.Work.Amount, OnnxForward),
                        new Contender(Library.LibTorch, operation.Work.Amount, _ => TorchForward()),
                    ]);
                }
                else if (operation.Name == "max backward")
                {
                    yield return (operation.FullName, [new Contender(Library.LibTorch, operation.Work.Amount, _ => TorchBackward())]);
                }
            }
        }
    }

    private static Action OnnxForward(int threads) => OnnxRuntime.Prepare(
        new OnnxModel("MaxPool").Input("x", X).Output("y", Y).Attribute("kernel_shape", [2, 2]).Attribute("strides", [2, 2]),
        threads);

    private static Action TorchForward()
    {
        LibTorch.Require();
        var x = LibTorch.Tensor(1, X);
        return () =>
        {
            // With positions, as training needs them.
            var (y, indices) = torch.nn.functional.max_pool2d_with_indices(x, [2, 2], [2, 2]);
            y.Dispose();
            indices.Dispose();
        };
    }

    private static Action TorchBackward()
    {
        LibTorch.Require();
        var x = LibTorch.Tensor(1, X).requires_grad_();
        var dy = LibTorch.Tensor(2, Y);
        var y = torch.nn.functional.max_pool2d(x, [2, 2], [2, 2]);
        return () => torch.autograd.grad([y], [x], [dy], retain_graph: true)[0].Dispose();
    }
}
