using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Families;
using TorchSharp;

namespace TaaS.Benchmarks.Peers;

/// <summary>Convolutions by the peers; ONNX Runtime knows the forward way only.</summary>
internal static class ConvolutionPeers
{
    internal static IEnumerable<(string, IReadOnlyList<Contender>)> All => ConvolutionOperations.Problems(Scale.Processor).Select(problem => Of(problem, problem.ToOperation()));

    private static (string, IReadOnlyList<Contender>) Of(ConvolutionProblem problem, Operation operation) => (operation.FullName,
    [
        .. problem.Direction == ConvolutionDirection.Forward ? [new Contender(Library.OnnxRuntime, operation.Work.Amount, threads => Onnx(problem, threads))] : (Contender[])[],
        new Contender(Library.LibTorch, operation.Work.Amount, _ => Torch(problem)),
    ]);

    private static Action Onnx(ConvolutionProblem problem, int threads) => OnnxRuntime.Prepare(
        new OnnxModel("Conv")
            .Input("x", problem.X)
            .Input("w", problem.W)
            .Output("y", problem.Y)
            .Attribute("pads", [problem.Pad, problem.Pad, problem.Pad, problem.Pad]),
        threads);

    private static Action Torch(ConvolutionProblem problem)
    {
        LibTorch.Require();
        torch.Tensor x = LibTorch.Tensor(1, problem.X), w = LibTorch.Tensor(2, problem.W), dy = LibTorch.Tensor(3, problem.Y);
        if (problem.Direction == ConvolutionDirection.Forward)
        {
            return () =>
            {
                using var off = torch.no_grad();
                torch.nn.functional.conv2d(x, w, padding: [problem.Pad, problem.Pad]).Dispose();
            };
        }

        var wanted = (problem.Direction == ConvolutionDirection.BackwardData ? x : w).requires_grad_();
        var y = torch.nn.functional.conv2d(x, w, padding: [problem.Pad, problem.Pad]);
        return () =>
        {
            foreach (var gradient in torch.autograd.grad([y], [wanted], [dy], retain_graph: true))
            {
                gradient.Dispose();
            }
        };
    }
}
