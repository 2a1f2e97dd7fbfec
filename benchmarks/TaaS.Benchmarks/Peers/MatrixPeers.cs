using MathNet.Numerics;
using MathNet.Numerics.LinearAlgebra;
using TaaS.Benchmarks.Contenders;
using TaaS.Benchmarks.Operations;
using TaaS.Benchmarks.Operations.Families;
using TorchSharp;

namespace TaaS.Benchmarks.Peers;

/// <summary>Matrix products by the peers.</summary>
internal static class MatrixPeers
{
    internal static IEnumerable<(string, IReadOnlyList<Contender>)> All => MatrixOperations.Problems(Scale.Processor).Select(problem => Of(problem, problem.ToOperation()));

    private static (string, IReadOnlyList<Contender>) Of(MatrixProblem problem, Operation operation) => (operation.FullName,
    [
        new Contender(Library.OpenBlas, operation.Work.Amount, _ => Blas(problem)),
        new Contender(Library.OnnxRuntime, operation.Work.Amount, threads => Onnx(problem, threads)),
        new Contender(Library.MathNet, operation.Work.Amount, threads => Managed(problem, threads)),
        new Contender(Library.LibTorch, operation.Work.Amount, _ => Torch(problem)),
    ]);

    private static Action Blas(MatrixProblem problem)
    {
        var (m, n, k, turnA, turnB, _) = problem;
        float[] a = Inputs.Values((long)m * k, 1), b = Inputs.Values((long)k * n, 2), c = new float[m * n];
        return () => OpenBlas.Multiply(turnA, turnB, m, n, k, a, turnA ? m : k, b, turnB ? k : n, c);
    }

    private static Action Onnx(MatrixProblem problem, int threads)
    {
        var (m, n, k, turnA, turnB, _) = problem;
        var model = new OnnxModel("Gemm")
            .Input("a", turnA ? [k, m] : [m, k])
            .Input("b", turnB ? [n, k] : [k, n])
            .Output("c", [m, n])
            .Attribute("transA", turnA ? 1 : 0)
            .Attribute("transB", turnB ? 1 : 0);
        return OnnxRuntime.Prepare(model, threads);
    }

    private static Action Managed(MatrixProblem problem, int threads)
    {
        var (m, n, k, turnA, turnB, _) = problem;
        Control.UseManaged();
        Control.MaxDegreeOfParallelism = threads;
        var a = Matrix<float>.Build.Dense(turnA ? k : m, turnA ? m : k, Inputs.Values((long)m * k, 1));
        var b = Matrix<float>.Build.Dense(turnB ? n : k, turnB ? k : n, Inputs.Values((long)k * n, 2));
        var c = Matrix<float>.Build.Dense(m, n);
        return turnA ? () => a.TransposeThisAndMultiply(b, c)
            : turnB ? () => a.TransposeAndMultiply(b, c)
            : () => a.Multiply(b, c);
    }

    private static Action Torch(MatrixProblem problem)
    {
        LibTorch.Require();
        var (m, n, k, turnA, turnB, _) = problem;
        var a = LibTorch.Tensor(1, turnA ? [k, m] : [m, k]);
        var b = LibTorch.Tensor(2, turnB ? [n, k] : [k, n]);
        var left = turnA ? a.t() : a;
        var right = turnB ? b.t() : b;
        return () => torch.mm(left, right).Dispose();
    }
}
